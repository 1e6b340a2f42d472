import type { ColumnChunk, Compressors, FileMetaData } from 'hyparquet';
import { InputError, kindOf, MemoryError, messageOf } from '../../errors.js';
import { isKnown, unpackers } from './codecs.js';
import { type Column, type Schema, schemaOf } from './columns.js';
import {
  assembleNested,
  DEFAULT_PARSERS,
  getTreePath,
  parquetHeader,
  parquetMetadata,
  readColumn,
} from './hyparquet.js';

/** What a file begins and ends with, and the same where its outline is encrypted. */
const [MAGIC, ENCRYPTED] = ['PAR1', 'PARE'];

/** The magic at the end, and the length of the outline before it. */
const TAIL = 8;

/** The most values of a column in a row group. */
const MAX_VALUES = 1 << 26;

type Chunk = Required<Pick<ColumnChunk, 'meta_data'>>['meta_data'];

/** The values of a wanted column in one row group, page by page. */
export type Pages = ArrayLike<unknown>[];

/** A Parquet file whose outline was read. */
export class ParquetFile {
  readonly columns: Column[];
  readonly #schema: Schema;

  private constructor(
    readonly input: Blob,
    readonly name: string,
    readonly maxBytes: number,
    readonly metadata: FileMetaData,
  ) {
    this.#schema = schemaOf(metadata.schema);
    this.columns = this.#schema.columns;
  }

  /** Reads the outline. Columns of more than `maxBytes` in a row group are refused before memory is taken for them. */
  static async open(input: Blob, name: string, maxBytes: number): Promise<ParquetFile> {
    const outline = await outlineOf(input, name);
    return damage(`${name}: its outline cannot be read`, () => {
      const metadata = parquetMetadata(outline, { parsers: UNREAD, geoparquet: false });
      const file = new ParquetFile(input, name, maxBytes, metadata);
      const rows = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
      if (rows !== metadata.num_rows || metadata.row_groups.some((group) => group.num_rows < 0n)) {
        throw new Error('its counts of rows contradict each other');
      }
      if (metadata.row_groups.some((group) => group.columns.length !== file.#schema.paths.length)) {
        throw new Error('its row groups have other columns than it says');
      }
      return file;
    });
  }

  get rows(): bigint {
    return this.metadata.num_rows;
  }

  /** How many bytes columns have in the file, and unpacked. Refuses those that cannot be read here. */
  size(columns: Column[]): { packed: number; unpacked: number } {
    let [packed, unpacked] = [0, 0];
    for (const column of columns) {
      if (column.unread) {
        throw new InputError(
          `${this.name}: the column \`${column.name}\` holds ${column.unread}, which are not read`,
          'input',
        );
      }
      this.metadata.row_groups.forEach((_, group) => {
        for (const { chunk } of this.#chunks(column, group)) {
          if (!isKnown(chunk.codec)) throw new InputError(this.#noCodec(column, chunk), 'input');
          packed += Number(chunk.total_compressed_size);
          unpacked += Number(chunk.total_uncompressed_size);
        }
      });
    }
    return { packed, unpacked };
  }

  /** Reads columns of a row group. `look` is called after every page, and may throw. */
  async read(group: number, columns: Column[], look: (packed: number) => void): Promise<Pages[]> {
    const found: Pages[] = [];
    for (const column of columns) found.push(await this.#read(group, column, look));
    return found;
  }

  async #read(group: number, column: Column, look: (packed: number) => void): Promise<Pages> {
    const rows = Number(this.metadata.row_groups[group]?.num_rows);
    const chunks = this.#chunks(column, group);
    const compressors = await unpackers(chunks.map(({ chunk }) => chunk.codec));
    const leaves = new Map<string, ArrayLike<unknown>>();
    for (const { chunk, path, from, to } of chunks) {
      const bytes = await bytesOf(this.input.slice(from, to), this.name);
      look(to - from);
      const pages = this.inGroup(group, () =>
        this.#pages(bytes, chunk, path, rows, compressors, () => look(0)),
      );
      if (column.tree.children.length === 0) return pages;
      leaves.set(
        path.join('.'),
        pages.length === 1 && pages[0] ? pages[0] : pages.flatMap((page) => Array.from(page)),
      );
    }
    return this.inGroup(group, () => {
      assembleNested(leaves as Map<string, unknown[]>, column.tree, PLAIN);
      const values = leaves.get(column.tree.path.join('.'));
      if (values?.length !== rows) throw new Error('it has not as many rows as it says');
      return [values];
    });
  }

  /** Decodes a column chunk. */
  #pages(
    bytes: ArrayBuffer,
    chunk: Chunk,
    path: string[],
    rows: number,
    compressors: Compressors,
    look: () => void,
  ): Pages {
    const view = checkPages(bytes, Number(chunk.num_values), this.maxBytes);
    const schemaPath = getTreePath(this.#schema.tree, path);
    const element = schemaPath[schemaPath.length - 1]?.element;
    if (!element || chunk.type !== element.type) throw new Error('a column is of another type than it says');
    const decoder = {
      ...{ pathInSchema: path, type: chunk.type, element, schemaPath, codec: chunk.codec },
      ...{ parsers: PLAIN, compressors, utf8: false },
    };
    const select = { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows };
    const { data } = readColumn({ view, offset: 0 }, select, decoder, look);
    const found = data.reduce((sum, page) => sum + page.length, 0);
    if (found !== rows) throw new Error('it has not as many rows as it says');
    return data;
  }

  #chunks(column: Column, group: number) {
    return column.leaves.map((leaf) => {
      const {
        meta_data: chunk,
        crypto_metadata,
        encrypted_column_metadata,
      } = this.metadata.row_groups[group]?.columns[leaf] ?? {};
      if (crypto_metadata || encrypted_column_metadata) throw encrypted(this.name);
      return this.inGroup(group, () => {
        if (!chunk) throw new Error('a column is missing');
        // Some writers say that the dictionary is at 0 where there is none.
        const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
        const to = from + Number(chunk.total_compressed_size);
        if (!(from >= 0 && from <= to && to <= this.input.size))
          throw new Error('a column does not lie in the file');
        return { chunk, path: this.#schema.paths[leaf] as string[], from, to };
      });
    });
  }

  /** Does work with what a row group holds: where that fails, the file is damaged. */
  inGroup<T>(group: number, work: () => T): T {
    return damage(`${this.name}: row group ${group} cannot be read`, work);
  }

  #noCodec(column: Column, { codec }: Chunk): string {
    const by = codec ?? 'a codec that is not known';
    return `${this.name}: the column \`${column.name}\` is packed by ${by}, which cannot be unpacked here; write it again with zstd`;
  }
}

/** Leaves values as they are. */
const PLAIN = { ...DEFAULT_PARSERS, timestampFromNanoseconds: (count: bigint) => count as never };

/** For statistics, which are not looked at. */
const UNREAD = {
  ...PLAIN,
  stringFromBytes: () => '',
  dateFromDays: () => 0,
  timestampFromMilliseconds: () => 0,
  timestampFromMicroseconds: () => 0,
} as never;

/** Looks at pages before memory is taken for them; gives the bytes up to the last one. */
function checkPages(bytes: ArrayBuffer, values: number, limit: number): DataView {
  const reader = { view: new DataView(bytes), offset: 0 };
  let [found, unpacked] = [0, 0];
  while (found < values) {
    const header = parquetHeader(reader);
    const { compressed_page_size: packed, uncompressed_page_size: size } = header;
    const data = header.data_page_header ?? header.data_page_header_v2;
    const { num_values: count } = data ?? header.dictionary_page_header ?? { num_values: 0 };
    const v2 = header.data_page_header_v2;
    const levels = v2
      ? [v2.definition_levels_byte_length, v2.repetition_levels_byte_length, v2.num_rows]
      : [];
    // What is missing is no number.
    if (!(Math.min(packed, size, count, ...levels) >= 0))
      throw new Error('a page does not say how large it is');
    reader.offset += packed;
    if (reader.offset > bytes.byteLength) throw new Error('a page does not lie in its column');
    found += data ? count : 0;
    unpacked += size;
  }
  if (found !== values) throw new Error('a column has more values than it says');
  if (values > MAX_VALUES || unpacked > limit) {
    throw new MemoryError('a row group holds more than can be held in memory here');
  }
  return new DataView(bytes, 0, reader.offset);
}

/** Finds the outline: its bytes with what follows them. */
async function outlineOf(input: Blob, name: string): Promise<ArrayBuffer> {
  const begin = await bytesOf(input.slice(0, MAGIC.length), name);
  const magic = (bytes: ArrayBuffer, at: number) => String.fromCharCode(...new Uint8Array(bytes.slice(at)));
  if (![MAGIC, ENCRYPTED].includes(magic(begin, 0))) {
    throw new InputError(
      `${name} is no Parquet file: it does not begin as such; was it named by mistake?`,
      'input',
    );
  }
  const cutOff = new InputError(
    `${name} is cut off: it begins as a Parquet file and does not end so; fetch it again`,
    'input',
  );
  if (input.size < MAGIC.length + TAIL) throw cutOff;
  const tail = await bytesOf(input.slice(input.size - TAIL), name);
  if (magic(begin, 0) === ENCRYPTED || magic(tail, 4) === ENCRYPTED) throw encrypted(name);
  const length = new DataView(tail).getUint32(0, true);
  if (magic(tail, 4) !== MAGIC || length > input.size - TAIL - MAGIC.length) throw cutOff;
  return bytesOf(input.slice(input.size - TAIL - length), name);
}

async function bytesOf(part: Blob, name: string): Promise<ArrayBuffer> {
  try {
    return await part.arrayBuffer();
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${messageOf(error)}`, 'io');
  }
}

function encrypted(name: string): InputError {
  return new InputError(`${name} is an encrypted Parquet file; write it again without encryption`, 'input');
}

/** Does work in which the library fails in its own words, or in none, at what is damaged. */
function damage<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    // What stops a call, is too large, or comes from the core is no damage.
    if (error instanceof WebAssembly.RuntimeError || kindOf(error) !== 'internal') throw error;
    throw new InputError(
      `${what} (${messageOf(error)}); the file is damaged or encrypted: fetch it again`,
      'input',
    );
  }
}
