// What is taken of the library that decodes Parquet. The build puts it and the library into one file: the package has no
// dependencies.
export { decompress as unpackZstd } from 'fzstd';
export { assembleNested } from 'hyparquet/src/assemble.js';
export { parquetHeader, readColumn } from 'hyparquet/src/column.js';
export { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
export { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
export { getTreePath } from 'hyparquet/src/schema.js';
export { snappyUncompress } from 'hyparquet/src/snappy.js';
export { gunzip } from 'hyparquet-compressors/src/gzip.js';
export { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors/src/lz4.js';
