import type { Embeddings } from '../../wasm/core.js';
import initGpu, { Gpu, type GpuClustering, takePanic } from '../../wasm/gpu.js';
import type { WasmSource } from '../wasm.js';
import type { DeviceChoice, DeviceInfo } from './protocol.js';
import type { CallWatch } from './watch.js';

/** The parts of WebGPU's adapters that are looked at. */
interface Adapter {
  info: { vendor: string; architecture: string; device: string; description: string; isFallbackAdapter?: boolean };
  isFallbackAdapter?: boolean;
}

/** What `auto` takes where there is no hardware. */
function cpu(note?: string): DeviceInfo {
  return { kind: 'cpu', name: 'CPU', ...(note === undefined ? {} : { note }) };
}

/** The GPU of this worker: looked for and opened when it is first wanted. */
export class GpuRoom {
  #open: Promise<Gpu> | undefined;

  constructor(readonly source: WasmSource | undefined) {}

  /** Says what would do the work; `gpu` is opened and makes sure that it can. */
  async choose(choice: DeviceChoice, watch: CallWatch): Promise<DeviceInfo> {
    if (choice === 'cpu') return cpu();
    const adapter = await request();
    if (choice === 'gpu') return { kind: 'gpu', name: (await this.#opened(adapter, watch)).name };
    if (!('gpu' in navigator)) return cpu('This browser has no WebGPU, so the CPU does the work.');
    if (!adapter) return cpu('No GPU was found, so the CPU does the work.');
    if (isSoftware(adapter)) {
      return cpu(`Only a software GPU (${nameOf(adapter)}) was found, so the CPU does the work.`);
    }
    return { kind: 'gpu', name: nameOf(adapter) };
  }

  /** Clusters rows that lie in the memory of the other module. */
  async cluster(embeddings: Embeddings, memory: WebAssembly.Memory, params: string, watch: CallWatch) {
    const gpu = await this.#opened(await request(), watch);
    const { nSamples, nFeatures } = embeddings;
    const rows = {
      read(start: number, out: Float32Array) {
        out.set(new Float32Array(memory.buffer, embeddings.pointer + start * nFeatures * 4, out.length));
      },
    };
    const featureless = embeddings.featureless();
    const found: GpuClustering = await gpu.cluster(rows, nSamples, nFeatures, featureless, params, watch);
    return { found, name: gpu.name };
  }

  /** Forgets the GPU: the next call opens it anew. */
  forget(): void {
    this.#open = undefined;
  }

  /** What a panic of the module for GPUs said. */
  readonly takePanic = (): string | undefined => (this.#open ? takePanic() : undefined);

  #opened(adapter: Adapter | null, watch: CallWatch): Promise<Gpu> {
    this.#open ??= open(this.source, adapter, watch).catch((error) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }
}

async function open(source: WasmSource | undefined, adapter: Adapter | null, watch: CallWatch): Promise<Gpu> {
  if (!adapter) {
    const error = new Error(
      'no GPU was found: use a browser with WebGPU and a driver that it trusts, or choose the CPU',
    );
    error.name = 'DeviceError';
    throw error;
  }
  await initGpu({ module_or_path: source ?? new URL('../../wasm/gpu_bg.wasm', import.meta.url) });
  return Gpu.open(nameOf(adapter), watch);
}

async function request(): Promise<Adapter | null> {
  const { gpu } = navigator as { gpu?: { requestAdapter(options: object): Promise<Adapter | null> } };
  return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
}

function isSoftware({ info, isFallbackAdapter }: Adapter): boolean {
  return info.isFallbackAdapter ?? isFallbackAdapter ?? false;
}

/** Browsers tell as much as they like. */
function nameOf({ info }: Adapter): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'GPU';
}
