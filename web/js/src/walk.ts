import { type Draw, type DrawArrays, toDraw, write } from './draws.js';
import { InputError } from './errors.js';
import { type Whole, whole } from './options.js';
import { guard, release } from './wasm.js';

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

/** A walk of the core. */
interface Steps {
  readonly remaining: number;
  next(count: number): Float64Array;
  state(): string;
  free(): void;
}

/** Draws that are fetched at a time. */
const AHEAD = 1024;

/** A walk along an order. */
export class Walk implements IterableIterator<Draw> {
  readonly #open: (state: string | undefined) => Steps;
  #held: Steps | undefined;
  /** Draws that iteration has fetched, how many numbers of them are taken, and the state before them. */
  #ahead: Float64Array = new Float64Array();
  #taken = 0;
  #before: string | undefined;

  /** Made by {@link Sampler.walk}. */
  constructor(open: (state: string | undefined) => Steps, state: string | undefined) {
    this.#open = open;
    this.#held = open(state);
  }

  get #walk(): Steps {
    if (!this.#held) throw new InputError('this Walk was destroyed', 'usage');
    return this.#held;
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
  skip(count: Whole): number {
    const wanted = whole('count', count);
    let left = wanted;
    while (left > 0) {
      const found = this.#fetch(Math.min(left, 1 << 16)).length / 4;
      if (found === 0) break;
      left -= found;
    }
    return wanted - left;
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
      release(again);
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Gives its memory back; it must not be used any more. */
  destroy(): void {
    release(this.#held);
    this.#held = undefined;
  }
}
