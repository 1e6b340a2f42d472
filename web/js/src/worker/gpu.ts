import type { Embeddings } from '../../wasm/core.js';
import type * as module from '../../wasm/gpu.js';
import { DeviceError, InternalError, kindOf, toFailure } from '../errors.js';
import type { DeviceChoice, DeviceInfo } from './protocol.js';
import type { CallWatch } from './watch.js';

/** The parts of WebGPU's adapters that are looked at. */
interface Adapter {
  /** Absent in the first browsers with WebGPU. */
  info?: { vendor: string; architecture: string; description: string; isFallbackAdapter?: boolean };
  isFallbackAdapter?: boolean;
}

/** What `auto` takes where there is no hardware, and why. */
function cpu(note?: string): DeviceInfo {
  return { kind: 'cpu', name: 'CPU', ...(note === undefined ? {} : { note }) };
}

/** The GPU of this worker: looked for and opened when it is first wanted. */
export class GpuRoom {
  #open: Promise<module.Gpu> | undefined;
  /** Loaded when a GPU is first used. */
  #module: typeof module | undefined;
  /** What ended the module for GPUs. Its memory is its own: the other one goes on. */
  #fault: string | undefined;

  constructor(readonly source: string | undefined) {}

  /** Says what would do the work; `gpu` is opened and makes sure that it can. */
  async choose(choice: DeviceChoice, watch: CallWatch): Promise<DeviceInfo> {
    if (choice === 'cpu') return cpu();
    if (choice === 'gpu') return { kind: 'gpu', name: (await this.#opened(watch)).name };
    if (this.#fault !== undefined) return cpu(`The GPU failed, so the CPU does the work: ${this.#fault}`);
    if (!('gpu' in navigator)) return cpu('This browser has no WebGPU, so the CPU does the work.');
    const adapter = await request();
    if (!adapter) return cpu('No GPU was found, so the CPU does the work.');
    if (isSoftware(adapter)) {
      return cpu(`Only a software GPU (${nameOf(adapter)}) was found, so the CPU does the work.`);
    }
    return { kind: 'gpu', name: nameOf(adapter) };
  }

  /** Clusters rows that lie in the memory of the other module. */
  async cluster(embeddings: Embeddings, memory: WebAssembly.Memory, params: string, watch: CallWatch) {
    const gpu = await this.#opened(watch);
    const { nSamples, nFeatures } = embeddings;
    const rows = {
      read(start: number, out: Float32Array) {
        out.set(new Float32Array(memory.buffer, embeddings.pointer + start * nFeatures * 4, out.length));
      },
    };
    const featureless = embeddings.featureless();
    const work = async () => {
      const found = await gpu.cluster(rows, nSamples, nFeatures, featureless, params, watch);
      return { ...found, name: gpu.name };
    };
    try {
      return await this.#guarded(work);
    } catch (error) {
      // A device that was lost stays so: the next call opens it anew.
      if (kindOf(error) === 'device') {
        this.#open = undefined;
        // After a trap nothing of the module is touched any more.
        if (this.#fault === undefined) gpu.free();
      }
      throw error;
    }
  }

  #opened(watch: CallWatch): Promise<module.Gpu> {
    this.#open ??= this.#guarded(() => this.#openAnew(watch)).catch((error) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  async #openAnew(watch: CallWatch): Promise<module.Gpu> {
    const adapter = await request();
    if (!adapter) {
      throw new DeviceError(
        'no GPU was found: use a browser with WebGPU and a driver that it trusts, or choose the CPU',
      );
    }
    this.#module ??= await load(this.source);
    return this.#module.Gpu.open(nameOf(adapter), watch);
  }

  /** Works with the module. A panic of it is told once; afterwards it is not used any more. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#fault !== undefined) {
      throw new DeviceError(`the GPU failed before, and needs a new Clusterer: ${this.#fault}`);
    }
    try {
      return await orTrap(work());
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
      this.#fault = toFailure(thrown, () => this.#module?.takePanic()).message;
      throw new InternalError(this.#fault);
    }
  }
}

/**
 * Waits for work of the module. Its tasks are the browser's to call: when one traps, the promise that waits for it is
 * never settled, and only the worker hears of it.
 */
function orTrap<T>(work: Promise<T>): Promise<T> {
  const listening = new AbortController();
  const trap = new Promise<never>((_, reject) => {
    const hear = (event: Event & { error?: unknown; reason?: unknown }) => {
      const thrown = event.error ?? event.reason;
      if (!(thrown instanceof WebAssembly.RuntimeError)) return;
      event.preventDefault();
      reject(thrown);
    };
    for (const name of ['error', 'unhandledrejection']) {
      globalThis.addEventListener(name, hear, { signal: listening.signal });
    }
  });
  return Promise.race([work, trap]).finally(() => listening.abort());
}

async function load(source: string | undefined): Promise<typeof module> {
  try {
    const glue = await import('../../wasm/gpu.js');
    await glue.default({ module_or_path: source ?? new URL('../../wasm/gpu_bg.wasm', import.meta.url) });
    return glue;
  } catch (error) {
    throw new DeviceError(`the module for GPUs cannot be loaded: ${(error as Error).message}`);
  }
}

async function request(): Promise<Adapter | null> {
  const { gpu } = navigator as { gpu?: { requestAdapter(options: object): Promise<Adapter | null> } };
  return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
}

function isSoftware({ info, isFallbackAdapter }: Adapter): boolean {
  return info?.isFallbackAdapter ?? isFallbackAdapter ?? false;
}

/** Browsers tell as much as they like. */
function nameOf({ info }: Adapter): string {
  return info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(' ') || 'GPU';
}
