// A file of its own: the dictionary of brotli is larger than all else, and few files need it.
export { decompressBrotli } from 'hyparquet-compressors/src/brotli.js';
