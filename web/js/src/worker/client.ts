import { CANCELLED, type ClusterclipError, fromFailure, InternalError } from '../errors.js';
import { listener, type Slow } from '../events.js';
import type { Reply, Request } from './protocol.js';

/** Where the files of the package lie, if not where it looks. */
export interface Places {
  /** The worker's script. */
  workerUrl?: URL | string | undefined;
  /** The module that everything but the GPU is in. */
  coreWasmUrl?: URL | string | undefined;
  /** The module for GPUs, loaded when one is used. */
  gpuWasmUrl?: URL | string | undefined;
}

interface Call {
  request: Request;
  buffers: Transferable[];
  slow: Slow;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * A worker, and the calls that wait for it: it does one at a time. When one traps, the worker is replaced, and what it
 * held is lost; a new life has a new number.
 */
export class Client {
  #places: Places;
  #worker: Worker | undefined;
  #waiting: Call[] = [];
  #now: Call | undefined;
  #next = 1;
  #ended = false;
  /** How many workers there were before. */
  life = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  /** Calls a method of the worker's session. The `buffers` are handed over when the call is sent, not before. */
  call<T>(method: string, args: unknown[], slow: Slow = {}, buffers: Transferable[] = []): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) return reject(new InternalError('this Clusterer was destroyed'));
      if (slow.signal?.aborted) return reject(slow.signal.reason);
      const request = { id: this.#next++, method, args, cancelUrl: undefined };
      const call: Call = { request, buffers, slow, resolve, reject };
      this.#waiting.push(call);
      slow.signal?.addEventListener('abort', () => this.#leave(call), { once: true });
      this.#send();
    }) as Promise<T>;
  }

  /** Ends the worker; calls that are not answered are rejected. */
  destroy(): void {
    this.#ended = true;
    this.#worker?.terminate();
    const calls = [...(this.#now ? [this.#now] : []), ...this.#waiting];
    this.#now = undefined;
    this.#waiting = [];
    for (const { reject } of calls) reject(new InternalError('this Clusterer was destroyed'));
  }

  /** Takes back a call that was not sent yet. */
  #leave(call: Call): void {
    if (!this.#waiting.includes(call)) return;
    this.#waiting = this.#waiting.filter((other) => other !== call);
    call.reject(call.slow.signal?.reason);
  }

  #send(): void {
    if (this.#now) return;
    const call = this.#waiting.shift();
    if (!call) return;
    this.#now = call;
    const { signal } = call.slow;
    if (signal) {
      const cancelUrl = URL.createObjectURL(new Blob());
      call.request.cancelUrl = cancelUrl;
      signal.addEventListener('abort', () => URL.revokeObjectURL(cancelUrl), { once: true });
    }
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage(call.request, call.buffers);
    } catch (error) {
      this.#end(call);
      call.reject(error);
    }
  }

  #start(): Worker {
    const { workerUrl, coreWasmUrl, gpuWasmUrl } = this.#places;
    // Bundlers look for just these words.
    const worker = workerUrl
      ? new Worker(workerUrl, { type: 'module' })
      : new Worker(new URL('./main.js', import.meta.url), { type: 'module' });
    const absolute = (url: URL | string | undefined) => url && new URL(url, globalThis.location?.href).href;
    worker.postMessage({ coreWasmUrl: absolute(coreWasmUrl), gpuWasmUrl: absolute(gpuWasmUrl) });
    const hear = listenerOf(() => this.#now);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const call = this.#now;
      if (!call || data.id !== call.request.id) return;
      if (data.kind === 'event') return hear(data.event);
      const value = data.value;
      if (data.kind === 'done') {
        this.#end(call);
        return call.resolve(value);
      }
      if (data.isLost) this.#lose();
      this.#end(call);
      call.reject(this.#errorOf(call, data.failure, value));
    };
    worker.onerror = ({ message }) => {
      const call = this.#now;
      this.#lose();
      if (!call) return;
      this.#end(call);
      const said = `the worker failed: ${message ?? 'its script cannot be loaded'}`;
      call.reject(this.#errorOf(call, { name: 'InternalError', message: said }, undefined));
    };
    return worker;
  }

  #errorOf(call: Call, failure: { name: string; message: string }, given: unknown): unknown {
    const { signal } = call.slow;
    const isAbort = failure.name === CANCELLED && signal?.aborted;
    const error: unknown = isAbort ? signal.reason : fromFailure(failure);
    // An abort's reason may be anything that the caller likes.
    if (given instanceof Float32Array && error instanceof Error) {
      (error as ClusterclipError).embeddings = given;
    }
    return error;
  }

  #end(call: Call): void {
    if (call.request.cancelUrl) URL.revokeObjectURL(call.request.cancelUrl);
    this.#now = undefined;
    this.#send();
  }

  #lose(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.life++;
  }
}

/** Hands each event to the listeners of the call in hand. */
function listenerOf(now: () => Call | undefined): (event: string) => void {
  let call: Call | undefined;
  let hear: ReturnType<typeof listener> | undefined;
  return (event) => {
    if (call !== now()) {
      call = now();
      hear = call && listener(call.slow);
    }
    hear?.(JSON.parse(event));
  };
}
