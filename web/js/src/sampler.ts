import type * as core from '../wasm/core.js';
import { InputError } from './errors.js';
import type { Exposure } from './exposure.js';
import { type SamplerOptions, samplerJson, type Whole, whole } from './options.js';
import { guard, loadCore, type WasmSource } from './wasm.js';

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

/** What a sampler is made from. */
export type SamplerSource =
  | { /** Documents in each cluster. */ sizes: ArrayLike<number>; labels?: never; tokenCounts?: never }
  | {
      /** The cluster of each document, −1 for none. */
      labels: Int32Array;
      sizes?: never;
      /** Tokens of each document, NaN where they are not known; for a budget in tokens. */
      tokenCounts?: Float64Array | undefined;
    };

/** Which share of the order a walk takes, and from where. */
export interface WalkOptions {
  /** A state that {@link Walk.state} or {@link Sampler.state} gave. */
  state?: string | undefined;
  /** Which trainer of `worldSize`, from 0. */
  rank?: number | undefined;
  /** How many trainers share the order. */
  worldSize?: number | undefined;
  /** Whether the order is cut so that all get as many. */
  dropLast?: boolean | undefined;
}

/** Draws that are fetched at a time. */
const AHEAD = 1024;

/**
 * A training order, any position of which can be asked for. It knows sizes or labels, never texts, and works on this
 * thread: in a browser, in Node.js, in Deno.
 *
 * ```js
 * const sampler = await Sampler.create({ labels: Int32Array.of(0, 1, 1, 1, 2, 2, 2, 2, 2), clip: 2, documents: 18 });
 * sampler.order(); // 0 1 5 2 4 0 7 3 6 3 2 8 6 1 7 5 8 4
 * ```
 */
export class Sampler implements Iterable<Draw> {
  /** Draws in the order. */
  readonly length: number;
  /** Documents with a cluster. */
  readonly nDocuments: number;
  /** The clip in force; null for strategies without one. */
  readonly clip: number | null;
  /** What a person should know, in sentences. */
  readonly warnings: readonly string[];

  readonly #sampler: core.Sampler;

  private constructor(sampler: core.Sampler) {
    this.#sampler = sampler;
    this.length = sampler.length;
    this.nDocuments = sampler.nDocuments;
    this.clip = sampler.clip ?? null;
    this.warnings = JSON.parse(sampler.warnings());
  }

  /**
   * Checks the options against the clusters.
   *
   * @param options strategy, clip, seed, budget; `sizes` or `labels`; `coreWasm` where the wasm lies elsewhere.
   * @throws {@link InputError} for options that do not go together, and for a budget beyond the clip.
   */
  static async create(
    options: SamplerOptions & SamplerSource & { coreWasm?: WasmSource | undefined },
  ): Promise<Sampler> {
    const { Sampler: Core } = await loadCore(options.coreWasm);
    const json = samplerJson(options);
    const { labels, sizes, tokenCounts } = options;
    if (labels !== undefined) {
      if (!(labels instanceof Int32Array)) throw new InputError('labels: an Int32Array is wanted');
      return new Sampler(guard(() => Core.fromLabels(labels, json, tokenCounts)));
    }
    const checked = Float64Array.from(sizes, (size, at) => whole(`sizes[${at}]`, size));
    return new Sampler(guard(() => Core.fromSizes(checked, json)));
  }

  /**
   * The draw at a position: the same whatever was asked before.
   *
   * @throws {@link InputError} from the end on, and with independent choice, which can only be walked.
   */
  at(position: Whole): Draw {
    const four = guard(() => this.#sampler.at(whole('position', position)));
    return toDraw(four, 0);
  }

  /** Walks the whole order. */
  [Symbol.iterator](): IterableIterator<Draw> {
    return this.walk();
  }

  /**
   * Writes the draws at `start`, `start + stride`, … to arrays until they are full or the order ends.
   *
   * @returns how many were written.
   */
  fill(start: Whole, stride: Whole, out: DrawArrays): number {
    const [first, step] = [whole('start', start), whole('stride', stride)];
    return write(out, (count) => guard(() => this.#sampler.draws(first, step, count)));
  }

  /**
   * The whole order as document rows.
   *
   * @throws {@link InputError} for a sampler made from sizes.
   */
  order(): BigUint64Array {
    return guard(() => this.#sampler.rows(0, 1, this.length));
  }

  /** A walk along the order, or along one trainer's share of it, from the beginning or a saved state. */
  walk({ state, rank = 0, worldSize = 1, dropLast = false }: WalkOptions = {}): Walk {
    const [own, all] = [whole('rank', rank), whole('worldSize', worldSize)];
    return new Walk((from) => guard(() => this.#sampler.walk(from, own, all, dropLast)), state);
  }

  /** What the budget does to every cluster, in closed form. */
  exposure(): Exposure {
    return JSON.parse(this.#sampler.exposure());
  }

  /** The state of a walk that is at `position`, to go on from later: the walk up to there is done again. */
  state(position: Whole = 0): string {
    const walk = this.walk();
    try {
      walk.skip(whole('position', position));
      return walk.state();
    } finally {
      walk.destroy();
    }
  }

  /** Gives its memory back; it must not be used any more. */
  destroy(): void {
    this.#sampler.free();
  }
}

/** A walk along an order. */
export class Walk implements IterableIterator<Draw> {
  readonly #open: (state: string | undefined) => core.Walk;
  readonly #walk: core.Walk;
  /** Draws that iteration has fetched, how many numbers of them are taken, and the state before them. */
  #ahead: Float64Array = new Float64Array();
  #taken = 0;
  #before: string | undefined;

  /** Made by {@link Sampler.walk}. */
  constructor(open: (state: string | undefined) => core.Walk, state: string | undefined) {
    this.#open = open;
    this.#walk = open(state);
  }

  /** Draws that are left. */
  get remaining(): number {
    return guard(() => this.#walk.remaining) + this.#buffered;
  }

  get #buffered(): number {
    return (this.#ahead.length - this.#taken) / 4;
  }

  /** The next draw. */
  next(): IteratorResult<Draw, undefined> {
    if (this.#buffered === 0) {
      this.#before = guard(() => this.#walk.state());
      this.#ahead = guard(() => this.#walk.next(AHEAD));
      this.#taken = 0;
      if (this.#ahead.length === 0) return { done: true, value: undefined };
    }
    this.#taken += 4;
    return { done: false, value: toDraw(this.#ahead, this.#taken - 4) };
  }

  /** Writes the next draws to arrays until they are full or the walk ends; returns how many were written. */
  fill(out: DrawArrays): number {
    return write(out, (count) => this.#fetch(count));
  }

  /** Goes on by so many draws; returns by how many it could. */
  skip(count: number): number {
    let left = count;
    while (left > 0) {
      const found = this.#fetch(Math.min(left, 1 << 16)).length / 4;
      if (found === 0) break;
      left -= found;
    }
    return count - left;
  }

  /** The next draws: first those that iteration has fetched. */
  #fetch(count: number): Float64Array {
    const buffered = this.#ahead.subarray(this.#taken, this.#taken + 4 * count);
    this.#taken += buffered.length;
    const missing = count - buffered.length / 4;
    if (missing === 0) return buffered;
    const more = guard(() => this.#walk.next(missing));
    if (buffered.length === 0) return more;
    const all = new Float64Array(buffered.length + more.length);
    all.set(buffered);
    all.set(more, buffered.length);
    return all;
  }

  /**
   * Where the walk is, as JSON: `walk({ state })` goes on from there, in any host. Trainers that have read as many
   * draws have the same state, and one state resumes any number of them.
   */
  state(): string {
    if (this.#buffered === 0) return guard(() => this.#walk.state());
    const again = this.#open(this.#before);
    try {
      guard(() => again.next(this.#taken / 4));
      return guard(() => again.state());
    } finally {
      again.free();
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Gives its memory back; it must not be used any more. */
  destroy(): void {
    this.#walk.free();
  }
}

function toDraw(fours: Float64Array, at: number): Draw {
  const [cluster = -1, member = 0, repetition = 0, row = -1] = fours.subarray(at, at + 4);
  return { cluster: cluster < 0 ? null : cluster, member, repetition, row: row < 0 ? null : row };
}

function write({ rows, clusters, members, repetitions }: DrawArrays, draw: (count: number) => Float64Array) {
  const arrays = [clusters, members, repetitions, rows];
  const lengths = new Set(arrays.flatMap((array) => (array ? [array.length] : [])));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined) {
    throw new InputError('give at least one array to fill, and all of them equally long');
  }
  const fours = draw(length);
  if (rows && fours.length > 0 && fours[3] === -1) {
    throw new InputError('a sampler made from sizes knows no document rows; make it from labels');
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
