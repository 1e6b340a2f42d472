import type { Compressors } from 'hyparquet';
import { decompressLz4, decompressLz4Raw, gunzip, snappyUncompress, unpackZstd } from './hyparquet.js';

type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/** What unpacks pages, by the names that Parquet has for it; brotli is loaded when it is needed. */
const KNOWN: Record<string, () => Unpack | Promise<Unpack>> = {
  SNAPPY: () => (packed, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(packed, output);
    return output;
  },
  GZIP: () => (packed, length) => gunzip(packed, new Uint8Array(length)),
  ZSTD: () => (packed, length) => unpackZstd(packed, new Uint8Array(length)),
  LZ4: () => decompressLz4,
  LZ4_RAW: () => decompressLz4Raw,
  BROTLI: async () => (await import('./brotli.js')).decompressBrotli,
};

/** Whether pages that are packed so can be read. */
export function isKnown(codec: string | undefined): boolean {
  return codec === 'UNCOMPRESSED' || (codec !== undefined && Object.hasOwn(KNOWN, codec));
}

/** Loads what unpacks the pages of column chunks. */
export async function unpackers(codecs: Iterable<string>): Promise<Compressors> {
  const found: Record<string, Unpack> = {};
  for (const codec of codecs) {
    const unpack = await KNOWN[codec]?.();
    // Of nothing some decoders make an error.
    if (unpack) found[codec] = (packed, length) => (length === 0 ? new Uint8Array() : unpack(packed, length));
  }
  return found;
}
