/** What a file holds: records, documents a line, or rows. */
export type FileFormat = 'jsonl' | 'json' | 'csv' | 'tsv' | 'parquet' | 'lines' | 'npy';

/** The formats, by the ends of file names. */
const FORMATS = new Map<string, FileFormat>([
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.jl', 'jsonl'],
  ['.jsonlines', 'jsonl'],
  ['.json', 'json'],
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.parquet', 'parquet'],
  ['.txt', 'lines'],
  ['.text', 'lines'],
  ['.npy', 'npy'],
]);

/** How files end that are packed by gzip; the end of their format comes before. */
const PACKED = '.gz';

/** The ends of the names of files whose format is known. */
export const FORMAT_ENDS: readonly string[] = [...FORMATS.keys()];

/** All ends of the names of files that can be read: what a control for files accepts. */
export const FILE_ENDS: readonly string[] = [...FORMAT_ENDS, PACKED];

/** Whether a file's name says that it is packed. */
export function isPacked(name: string): boolean {
  return name.toLowerCase().endsWith(PACKED);
}

/** The end of a file's name, in lower case, without that of the packing. */
export function endOf(name: string): string {
  const plain = isPacked(name) ? name.slice(0, -PACKED.length) : name;
  const dot = plain.lastIndexOf('.');
  return dot < 0 ? '' : plain.slice(dot).toLowerCase();
}

/** The format that a file's name tells, if it tells one. */
export function formatOf(name: string): FileFormat | undefined {
  return FORMATS.get(endOf(name));
}
