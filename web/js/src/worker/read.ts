import type * as core from '../../wasm/core.js';
import type { ReadOptions } from '../clusterer.js';
import { InputError, MemoryError } from '../errors.js';
import type { Slow } from '../events.js';
import { endOf, type FileFormat, FORMAT_ENDS, formatOf, isPacked } from '../formats.js';
import { freeAfter } from './freeing.js';
import type { CallWatch } from './watch.js';

/** How documents are read. */
export type ReadSettings = Omit<ReadOptions, keyof Slow | 'name' | 'format'> & {
  name: string;
  format: 'auto' | FileFormat;
};

function refuse(message: string, kind: 'input' | 'io' = 'input'): never {
  throw new InputError(message, kind);
}

function formatToRead({ name, format }: ReadSettings): FileFormat {
  if (format !== 'auto') return format;
  const end = endOf(name);
  if (end === '.zst') refuse(`${name}: browsers cannot unpack zstd; unpack it first, or use .gz`);
  if (end === '.parquet') refuse(`${name}: Parquet documents cannot be read yet: convert it to JSON lines`);
  const known = FORMAT_ENDS.join(', ');
  return (
    formatOf(name) ??
    refuse(`${name}: its name does not tell its format; known are ${known}, and .gz of these`)
  );
}

/** Reads a file piece by piece; gives documents, or rows. */
export async function read(
  { Documents, Embeddings }: typeof core,
  input: Blob,
  settings: ReadSettings,
  watch: CallWatch,
): Promise<{ documents?: core.Documents; embeddings?: core.Embeddings }> {
  const { name, maxBytes = Number.MAX_SAFE_INTEGER } = settings;
  const format = formatToRead(settings);
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
      const embeddings = Embeddings.fromNpy(bytes, name, settings.maxDocuments, settings.maxBytes);
      tell({ type: 'finished', stage: 'read' });
      return { embeddings };
    }
    const { textField, idField, tokenField, onBadRecord, maxDocuments } = settings;
    const options = JSON.stringify({ textField, idField, tokenField, onBadRecord, maxDocuments, maxBytes });
    const documents = new Documents(format, name, options);
    try {
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

async function whole(next: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let piece = await next(); piece; piece = await next()) pieces.push(piece as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
