import { InputError } from './errors.js';

/** One pick of the order. */
export interface Draw {
  /** The cluster; null with `random`, which does not look at clusters. */
  cluster: number | null;
  /** The document among its cluster's (without a cluster: among all clustered ones), in ascending row. */
  member: number;
  /** How often the document has been drawn so far, this time included. */
  repetition: number;
  /** The document's row; null for a sampler made from sizes. */
  row: number | null;
}

/** Arrays to fill with draws, as long as one another; what is left out is not written. */
export interface DrawArrays {
  /** Document rows. */
  rows?: Float64Array | BigUint64Array | Uint32Array;
  /** Clusters, −1 with `random`. */
  clusters?: Int32Array | Float64Array;
  /** Documents among their cluster's. */
  members?: Float64Array | Uint32Array;
  /** Repetitions. */
  repetitions?: Float64Array | Uint32Array;
}

/** A draw from its four numbers: cluster, member, repetition, row. */
export function toDraw(fours: Float64Array, at: number): Draw {
  const [cluster = -1, member = 0, repetition = 0, row = -1] = fours.subarray(at, at + 4);
  return { cluster: cluster < 0 ? null : cluster, member, repetition, row: row < 0 ? null : row };
}

/** Writes what `draw` gives, four numbers a draw, to the arrays; returns how many draws it gave. */
export function write(
  { rows, clusters, members, repetitions }: DrawArrays,
  draw: (count: number) => Float64Array,
) {
  const arrays = [clusters, members, repetitions, rows];
  const lengths = new Set(arrays.flatMap((array) => (array ? [array.length] : [])));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined) {
    throw new InputError('give at least one array to fill, and all of them equally long', 'usage');
  }
  const fours = draw(length);
  if (rows && fours.length > 0 && fours[3] === -1) {
    throw new InputError('a sampler made from sizes knows no document rows; make it from labels', 'usage');
  }
  arrays.forEach((array, place) => {
    if (!array) return;
    for (let at = 0; 4 * at < fours.length; at++) {
      const value = fours[4 * at + place] ?? 0;
      array[at] = array instanceof BigUint64Array ? BigInt(value) : value;
    }
  });
  return fours.length / 4;
}
