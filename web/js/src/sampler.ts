import type * as core from '../wasm/core.js';
import { type Draw, type DrawArrays, toDraw, write } from './draws.js';
import { InputError } from './errors.js';
import type { Exposure } from './exposure.js';
import { METHOD, only, type SamplerOptions, samplerJson, type Whole, whole } from './options.js';
import { orderRows } from './order.js';
import { Walk, type WalkOptions } from './walk.js';
import { guard, loadCore, release, SILENT, type WasmSource } from './wasm.js';

/** What a sampler is made from. */
export type SamplerSource =
  | {
      /** Documents in each cluster. */ sizes: ArrayLike<number>;
      labels?: never;
      tokenCounts?: never;
      scores?: never;
    }
  | {
      /** The cluster of each document, −1 for none. */
      labels: Int32Array;
      sizes?: never;
      /** Tokens of each document, NaN where they are not known; for a budget or weights in tokens. */
      tokenCounts?: ArrayLike<number> | undefined;
      /** The score of each document, NaN where it has none; for an order within score. */
      scores?: ArrayLike<number> | undefined;
    };

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

  #held: core.Sampler | undefined;

  private constructor(sampler: core.Sampler) {
    this.#held = sampler;
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
    only(options, METHOD, ['sizes', 'labels', 'tokenCounts', 'scores', 'coreWasm']);
    const json = samplerJson(options);
    const { labels, sizes, tokenCounts, scores } = options;
    if ((labels === undefined) === (sizes === undefined))
      throw new InputError('give either sizes or labels', 'usage');
    const { core } = await loadCore(options.coreWasm);
    if (sizes !== undefined) {
      const checked = Float64Array.from(sizes, (size, at) => whole(`sizes[${at}]`, size));
      return new Sampler(guard(() => core.Sampler.fromSizes(checked, json)));
    }
    if (!(labels instanceof Int32Array)) throw new InputError('labels: an Int32Array is wanted', 'usage');
    const tokens = tokenCounts && checkTokens(tokenCounts, labels.length);
    const ranks = scores && checkScores(scores, labels.length);
    return new Sampler(guard(() => core.Sampler.fromLabels(labels, json, tokens, ranks, SILENT)));
  }

  get #sampler(): core.Sampler {
    if (!this.#held) throw new InputError('this Sampler was destroyed', 'usage');
    return this.#held;
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

  /** Walks the whole order; a loop that is left early needs nothing more. */
  *[Symbol.iterator](): IterableIterator<Draw> {
    const walk = this.walk();
    try {
      yield* walk;
    } finally {
      walk.destroy();
    }
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
    return guard(() => orderRows(this.#sampler, SILENT));
  }

  /** A walk along the order, or along one trainer's share of it, from the beginning or a saved state. */
  walk({ state, rank = 0, worldSize = 1, dropLast = false }: WalkOptions = {}): Walk {
    const [own, all] = [whole('rank', rank), whole('worldSize', worldSize)];
    const sampler = this.#sampler;
    return new Walk((from) => guard(() => sampler.walk(from, own, all, dropLast)), state);
  }

  /** What the budget does to every cluster, in closed form. */
  exposure(): Exposure {
    return guard(() => JSON.parse(this.#sampler.exposure()));
  }

  /**
   * The state of a walk that is at `position`, to go on from there: `walk({ state })`. With independent choice the draws
   * up to there are counted, which takes its time.
   *
   * @throws {@link InputError} beyond the end.
   */
  state(position: Whole = 0): string {
    const wanted = whole('position', position);
    return using(this.walk(), (walk) => {
      const state = JSON.parse(walk.state());
      if (!('counters' in state)) {
        const there = this.walk({ state: JSON.stringify({ ...state, position: wanted }) });
        return using(there, (walk) => walk.state());
      }
      if (walk.skip(wanted) < wanted) {
        throw new InputError(
          `position ${wanted} is beyond the end of an order of ${this.length} draws`,
          'input',
        );
      }
      return walk.state();
    });
  }

  /** Gives its memory back; it must not be used any more. */
  destroy(): void {
    release(this.#held);
    this.#held = undefined;
  }
}

/** Works with a walk, and gives its memory back. */
function using<T>(walk: Walk, work: (walk: Walk) => T): T {
  try {
    return work(walk);
  } finally {
    walk.destroy();
  }
}

/** Checks scores, which cross to wasm as they are. */
function checkScores(scores: ArrayLike<number>, length: number): Float64Array {
  if (scores.length === length) return Float64Array.from(scores);
  throw new InputError(`scores: ${scores.length} of them for ${length} labels`, 'input');
}

/** Checks token counts, which cross to wasm as they are. */
function checkTokens(counts: ArrayLike<number>, length: number): Float64Array {
  if (counts.length !== length) {
    throw new InputError(`tokenCounts: ${counts.length} of them for ${length} labels`, 'input');
  }
  return Float64Array.from(counts, (count, row) => {
    const isCount = Number.isInteger(count) && count >= 0 && count < 2 ** 32;
    if (isCount || Number.isNaN(count)) return count;
    throw new InputError(
      `tokenCounts[${row}] ${count}: a whole number below 2^32 is wanted, or NaN`,
      'input',
    );
  });
}
