import type { Failure } from '../errors.js';

/** What runs a GPU, or does without one. */
export type DeviceChoice = 'auto' | 'cpu' | 'gpu';

/** What does the work. */
export interface DeviceInfo {
  /** What it is. */
  kind: 'cpu' | 'gpu';
  /** `CPU`, or the adapter's name. */
  name: string;
  /** Why `auto` took the CPU, in a sentence. */
  note?: string;
}

/** The first message to a worker: where the modules lie. */
export interface Start {
  coreWasmUrl: string | undefined;
  gpuWasmUrl: string | undefined;
  modelsWasmUrl: string | undefined;
}

/** A call, as the worker gets it. */
export interface Request {
  id: number;
  method: string;
  args: unknown[];
  /** The URL of a blob that is taken away to stop the call. */
  cancelUrl: string | undefined;
}

/** What the worker says. */
export type Reply =
  | { id: number; kind: 'event'; event: string }
  | { id: number; kind: 'done'; value: unknown }
  | { id: number; kind: 'failed'; failure: Failure; value: unknown; isLost: boolean };

/** A value whose buffers are handed over and not copied. */
export class Handed<T = unknown> {
  constructor(
    readonly value: T,
    readonly buffers: Transferable[],
  ) {}
}
