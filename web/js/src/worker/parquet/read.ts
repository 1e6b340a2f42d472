import type * as core from '../../../wasm/core.js';
import { MemoryError } from '../../errors.js';
import { freeAfter } from '../freeing.js';
import type { CallWatch } from '../watch.js';
import type { Column } from './columns.js';
import { type Pages, ParquetFile } from './file.js';
import { JsonLines } from './json.js';

/** Bytes of rows that are handed over at a time. */
const PIECE = 1 << 20;

/** What a file is called, and limits on what is held of it. */
export interface ParquetSettings {
  name: string;
  maxDocuments: number;
  maxBytes: number;
}

/**
 * Reads the rows of a Parquet file, row group by row group; only of the columns that are wanted. `begin` makes documents
 * of rows that look like an example.
 */
export async function readParquet(
  begin: (example: string) => core.Documents,
  input: Blob,
  settings: ParquetSettings,
  watch: CallWatch,
): Promise<core.Documents> {
  const file = await ParquetFile.open(input, settings.name, settings.maxBytes);
  const fields = file.columns.map(({ name, example }) => `${JSON.stringify(name)}:${example}`);
  const documents = begin(`{${fields.join(',')}}`);
  try {
    // Of several columns with one name the last counts, as of fields.
    const byName = new Map(file.columns.map((column) => [column.name, column]));
    const wanted = documents.wanted().flatMap((field) => byName.get(field) ?? []);
    await readRows(file, wanted, documents, settings, watch);
    documents.finish();
    return documents;
  } catch (thrown) {
    freeAfter(documents, thrown);
    throw thrown;
  }
}

async function readRows(
  file: ParquetFile,
  columns: Column[],
  documents: core.Documents,
  { maxDocuments, maxBytes }: ParquetSettings,
  watch: CallWatch,
): Promise<void> {
  const { packed, unpacked } = file.size(columns);
  const tooMany = (limit: number, unit: string) => {
    throw new MemoryError(
      `${file.name} holds more than the ${limit} ${unit} that can be held in memory here`,
    );
  };
  if (file.rows > maxDocuments) tooMany(maxDocuments, 'documents');
  if (unpacked > maxBytes) tooMany(maxBytes, 'bytes');
  const tell = (event: object) => watch.emit(JSON.stringify({ stage: 'read', ...event }));
  tell({ type: 'started', total: packed, unit: 'bytes' });
  let done = 0;
  const look = (packed: number) => {
    watch.check();
    done += packed;
    if (packed > 0) tell({ type: 'progress', done });
  };
  const lines = new JsonLines();
  for (const [group, { num_rows }] of file.metadata.row_groups.entries()) {
    const values = await file.read(group, columns, look);
    file.inGroup(group, () => {
      writeRows(Number(num_rows), columns, values, lines, () => {
        watch.check();
        documents.push(lines.take());
      });
    });
  }
  tell({ type: 'finished' });
}

/** Writes the rows of a row group as JSON lines; `flush` takes them when they are many, and at the end. */
function writeRows(
  rows: number,
  columns: Column[],
  values: Pages[],
  lines: JsonLines,
  flush: () => void,
): void {
  const keys = columns.map(({ name }, at) => {
    return new TextEncoder().encode(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  });
  const cursors = values.map((pages) => ({ pages, page: 0, at: 0 }));
  for (let row = 0; row < rows; row++) {
    if (columns.length === 0) lines.raw('{');
    for (const [number, { write }] of columns.entries()) {
      const cursor = cursors[number] as (typeof cursors)[number];
      while (cursor.at === cursor.pages[cursor.page]?.length) {
        cursor.page++;
        cursor.at = 0;
      }
      lines.bytes(keys[number] as Uint8Array);
      write(lines, cursor.pages[cursor.page]?.[cursor.at++]);
    }
    lines.raw('}\n');
    if (lines.length >= PIECE) flush();
  }
  if (lines.length > 0) flush();
}
