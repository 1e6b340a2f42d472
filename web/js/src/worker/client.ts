import {
  AbortedError,
  ClusterclipError,
  type Failure,
  fromFailure,
  InputError,
  InternalError,
  messageOf,
} from '../errors.js';
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
  /** The module for static tables, loaded when one is used. */
  modelsWasmUrl?: URL | string | undefined;
}

/** What a call may have beside its arguments. */
export interface CallOptions {
  slow?: Slow;
  /** Buffers that are handed over when the call is sent, not before. */
  buffers?: Transferable[];
  /** The life of the worker that holds what the call is about. */
  life?: number;
}

interface Call {
  request: Request;
  slow: Slow;
  buffers: Transferable[];
  life: number | undefined;
  hear(event: string): void;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onAbort(): void;
}

/**
 * A worker, and the calls that wait for it: it does one at a time. When it fails, it is replaced, and what it held is
 * lost; a new life has a new number.
 */
export class Client {
  #places: Places;
  #worker: Worker | undefined;
  #waiting: Call[] = [];
  #now: Call | undefined;
  #next = 1;
  #ended = false;
  #life = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  /** How many workers there were before. */
  get life(): number {
    return this.#life;
  }

  /** Calls a method of the worker's session. */
  call<T>(method: string, args: unknown[], options: CallOptions = {}): Promise<T> {
    const { slow = {}, buffers = [], life } = options;
    const { signal } = slow;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) return reject(destroyed());
      if (signal?.aborted) return reject(signal.reason);
      const tell = listener(slow);
      const call: Call = {
        request: { id: this.#next++, method, args, cancelUrl: undefined },
        ...{ slow, buffers, life, resolve, reject },
        hear: (event) => tell(JSON.parse(event)),
        onAbort: () => this.#stop(call),
      };
      signal?.addEventListener('abort', call.onAbort);
      this.#waiting.push(call);
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
    for (const call of calls) {
      release(call);
      call.reject(destroyed());
    }
  }

  /** Takes back a call that was not sent yet; stops the one in hand. */
  #stop(call: Call): void {
    const { cancelUrl } = call.request;
    if (cancelUrl !== undefined) {
      URL.revokeObjectURL(cancelUrl);
      return;
    }
    this.#waiting = this.#waiting.filter((other) => other !== call);
    release(call);
    call.reject(call.slow.signal?.reason);
  }

  #send(): void {
    const call = this.#now ? undefined : this.#waiting.shift();
    if (!call) return;
    this.#now = call;
    try {
      if (call.life !== undefined && call.life !== this.#life) {
        throw new InternalError(
          'the data set is lost, because the worker that held it failed: read it again',
        );
      }
      if (call.slow.signal) call.request.cancelUrl = URL.createObjectURL(new Blob());
      this.#worker ??= this.#start();
      this.#worker.postMessage(call.request, call.buffers);
    } catch (error) {
      this.#end(call);
      const isOurs = error instanceof ClusterclipError;
      call.reject(isOurs ? error : new InputError(messageOf(error), 'usage', { cause: error }));
    }
  }

  #start(): Worker {
    if (typeof Worker === 'undefined') {
      throw new InputError('there are no Web Workers here: Sampler, readNpy and writeNpy need none', 'usage');
    }
    const { workerUrl, coreWasmUrl, gpuWasmUrl, modelsWasmUrl } = this.#places;
    // Bundlers look for just these words.
    const worker = workerUrl
      ? new Worker(workerUrl, { type: 'module' })
      : new Worker(new URL('./main.js', import.meta.url), { type: 'module' });
    const absolute = (url: URL | string | undefined) => url && new URL(url, globalThis.location?.href).href;
    worker.postMessage({
      coreWasmUrl: absolute(coreWasmUrl),
      gpuWasmUrl: absolute(gpuWasmUrl),
      modelsWasmUrl: absolute(modelsWasmUrl),
    });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#hear(data);
    worker.onerror = ({ message }) => this.#fail(message || 'its script cannot be loaded');
    worker.onmessageerror = () => this.#fail('its answer cannot be read');
    return worker;
  }

  #hear(reply: Reply): void {
    const call = this.#now;
    if (!call || reply.id !== call.request.id) return;
    if (reply.kind === 'event') {
      call.hear(reply.event);
      return;
    }
    if (reply.kind === 'failed' && reply.isLost) this.#lose();
    this.#end(call);
    if (reply.kind === 'done') call.resolve(reply.value);
    else call.reject(errorOf(call, reply.failure, reply.value));
  }

  #fail(why: string): void {
    const call = this.#now;
    this.#lose();
    if (!call) return;
    this.#end(call);
    call.reject(new InternalError(`the worker failed: ${why}`));
  }

  #end(call: Call): void {
    release(call);
    this.#now = undefined;
    this.#send();
  }

  #lose(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#life++;
  }
}

/** Gives back what a call has taken of the browser. */
function release({ request, slow, onAbort }: Call): void {
  slow.signal?.removeEventListener('abort', onAbort);
  if (request.cancelUrl !== undefined) URL.revokeObjectURL(request.cancelUrl);
}

/** The error of a call, with the embeddings that it was handed. */
function errorOf({ slow: { signal } }: Call, failure: Failure, given: unknown): unknown {
  const isGiven = given instanceof Float32Array;
  if (failure.kind === 'cancelled' && signal?.aborted) {
    return isGiven ? new AbortedError(signal.reason, given) : signal.reason;
  }
  const error = fromFailure(unasked(failure));
  return isGiven ? Object.assign(error, { embeddings: given }) : error;
}

/** A call that stops although nobody aborted it could not ask whether to go on. */
function unasked(failure: Failure): Failure {
  if (failure.kind !== 'cancelled') return failure;
  const message =
    'the call stopped because the worker may not look up blob: URLs, by which calls with a signal are aborted: ' +
    "add blob: to connect-src of the page's Content-Security-Policy";
  return { kind: 'io', message };
}

function destroyed(): InputError {
  return new InputError('this Clusterer was destroyed', 'usage');
}
