import type * as core from '../../wasm/core.js';
import type { ReadOptions } from '../clusterer.js';
import { InputError, InternalError, MemoryError, messageOf } from '../errors.js';
import type { Slow } from '../events.js';
import { endOf, type FileFormat, FORMAT_ENDS, formatOf, isPacked } from '../formats.js';
import { freeAfter, freeing } from './freeing.js';
import type { CallWatch } from './watch.js';

/** How documents are read. */
export type ReadSettings = Omit<ReadOptions, keyof Slow | 'name' | 'format'> & {
  name: string;
  format: 'auto' | FileFormat;
  /** Whether records have no text: a list of weights. */
  textless?: boolean;
};

function refuse(message: string, kind: 'input' | 'io' = 'input'): never {
  throw new InputError(message, kind);
}

function formatToRead({ name, format }: ReadSettings): FileFormat {
  if (format !== 'auto') return format;
  const end = endOf(name);
  if (end === '.zst') refuse(`${name}: browsers cannot unpack zstd; unpack it first, or use .gz`);
  const known = FORMAT_ENDS.join(', ');
  return (
    formatOf(name) ??
    refuse(`${name}: its name does not tell its format; known are ${known}, and .gz of these`)
  );
}

/** Reads a file piece by piece; gives documents, or rows. */
export async function read(
  { Documents, Embeddings, JsonSniffer }: typeof core,
  input: Blob,
  settings: ReadSettings,
  watch: CallWatch,
): Promise<{ documents?: core.Documents; embeddings?: core.Embeddings }> {
  const { name, maxDocuments = Number.MAX_SAFE_INTEGER, maxBytes = Number.MAX_SAFE_INTEGER } = settings;
  const format = formatToRead(settings);
  const { textless, textField, idField, tokenField, scoreField, delimiter, quote, noHeader, onBadRecord } =
    settings;
  const fields = { idField, tokenField, scoreField, delimiter, quote, noHeader };
  const texts = textField === undefined ? undefined : [textField].flat();
  const options = JSON.stringify({
    ...fields,
    textless,
    textField: texts,
    onBadRecord,
    maxDocuments,
    maxBytes,
  });
  if (format === 'parquet') {
    if (isPacked(name)) refuse(`${name}: Parquet is packed inside; unpack the file first`);
    const { readParquet } = await parquetReader();
    const begin = (example: string) => Documents.ofRows(example, name, options);
    return { documents: await readParquet(begin, input, { name, maxDocuments, maxBytes }, watch) };
  }
  const tell = (event: object) => watch.emit(JSON.stringify(event));
  const isGzip = isPacked(name);
  const tooLarge = () => {
    throw new MemoryError(`${name} holds more than the ${maxBytes} bytes that can be held in memory here`);
  };
  if (!isGzip && input.size > maxBytes) tooLarge();
  tell({ type: 'started', stage: 'read', total: input.size, unit: 'bytes' });
  let done = 0;
  const counted = input.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(piece, controller) {
        done += piece.length;
        tell({ type: 'progress', stage: 'read', done });
        controller.enqueue(piece);
      },
    }),
  );
  const pieces = (isGzip ? counted.pipeThrough(new DecompressionStream('gzip')) : counted).getReader();
  let length = 0;
  const next = async () => {
    watch.check();
    const { value } = await pieces.read().catch((error) => {
      // A stream of packed bytes fails with a TypeError where they are wrong, else with that of the file.
      if (!(error instanceof TypeError)) refuse(`${name} cannot be read: ${error.message}`, 'io');
      return refuse(`${name} cannot be unpacked: it is no gzip file, was cut off, or is several in one`);
    });
    length += value?.length ?? 0;
    if (length > maxBytes) tooLarge();
    return value;
  };
  try {
    if (format === 'npy') {
      const bytes = await whole(next);
      const { maxDocuments, maxBytes } = settings;
      const embeddings = Embeddings.fromNpy(bytes, name, maxDocuments, maxBytes, watch);
      tell({ type: 'finished', stage: 'read' });
      return { embeddings };
    }
    // JSON lines are called .json too; the name was all that said what this is.
    const isOpen = settings.format === 'auto' && format === 'json';
    const begun = isOpen ? await sniffed(JsonSniffer, next) : { format, pieces: [] };
    const documents = new Documents(begun.format, name, options);
    try {
      for (const piece of begun.pieces) documents.push(piece);
      for (let piece = await next(); piece; piece = await next()) documents.push(piece);
      documents.finish();
    } catch (thrown) {
      freeAfter(documents, thrown);
      throw thrown;
    }
    tell({ type: 'finished', stage: 'read' });
    return { documents };
  } finally {
    pieces.cancel().catch(() => {});
  }
}

/** Loads what reads Parquet, with the first file of that kind. */
async function parquetReader() {
  try {
    return await import('./parquet/read.js');
  } catch (error) {
    throw new InternalError(`the reader of Parquet files cannot be loaded: ${messageOf(error)}`);
  }
}

/** The longest first record that is looked through. */
const LONGEST = 64 * 2 ** 20;

/** Reads on until it is clear how the records of JSON stand; gives what was read too. */
async function sniffed(JsonSniffer: typeof core.JsonSniffer, next: () => Promise<Uint8Array | undefined>) {
  const sniffer = new JsonSniffer();
  const pieces: Uint8Array[] = [];
  return freeing(sniffer, async () => {
    for (let left = LONGEST; left > 0; ) {
      const piece = await next();
      if (!piece) break;
      pieces.push(piece);
      left -= piece.length;
      const format = sniffer.push(piece);
      if (format) return { format, pieces };
    }
    return { format: 'jsonl', pieces };
  });
}

async function whole(next: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let piece = await next(); piece; piece = await next()) pieces.push(piece as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
