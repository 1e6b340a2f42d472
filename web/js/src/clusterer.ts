import { type ClusterResult, Dataset, type Summary } from './dataset.js';
import { InputError } from './errors.js';
import type { Slow } from './events.js';
import type { Exposure } from './exposure.js';
import type { NpyArray } from './npy.js';
import { type KMeansOptions, kmeansJson, type SamplerOptions, samplerJson } from './options.js';
import { Client, type Places } from './worker/client.js';
import type { DeviceChoice, DeviceInfo } from './worker/protocol.js';

/** How a file is read. */
export interface ReadOptions extends Slow {
  /** What it is called: in ids and messages, and its end tells the format. A `File` has a name of its own. */
  name?: string | undefined;
  /** What it holds; by default its name tells. `lines` is a document a line. */
  format?: 'auto' | 'jsonl' | 'csv' | 'tsv' | 'lines' | 'npy' | undefined;
  /** The field of the text; by default `text`, else `content`, else `prompt` and `output`. */
  textField?: string | undefined;
  /** The field of the id; by default `id`. */
  idField?: string | undefined;
  /** The field of the token count. */
  tokenField?: string | undefined;
  /** Whether a bad record is an error (the default) or is left out and counted. */
  onBadRecord?: 'fail' | 'skip' | undefined;
  /** The most documents that are held; more is an error. */
  maxDocuments?: number | undefined;
  /** The most bytes of the unpacked file; more is an error. */
  maxBytes?: number | undefined;
}

/** What `run` gives. */
export interface RunResult extends ClusterResult {
  /** The training order: a row a position. */
  order: BigUint64Array;
  /** What the budget does to every cluster. */
  exposure: Exposure;
  /** The embeddings that were handed over, given back. */
  embeddings: Float32Array;
}

/**
 * Clusters and orders documents in a Web Worker that it brings.
 *
 * ```js
 * const clusterer = await Clusterer.create({ device: 'auto' });
 * const { labels, order } = await clusterer.run(embeddings, { nFeatures: 384, clusters: 100, clip: 5 });
 * clusterer.destroy();
 * ```
 */
export class Clusterer {
  /** What does the work unless a call says otherwise. */
  readonly device: DeviceInfo;

  readonly #client: Client;
  readonly #choice: DeviceChoice;

  private constructor(client: Client, choice: DeviceChoice, device: DeviceInfo) {
    this.#client = client;
    this.#choice = choice;
    this.device = device;
  }

  /**
   * Starts a worker.
   *
   * @param options `device`: `auto` (the default) takes a hardware GPU, else the CPU, and says why; `gpu` takes
   * software ones too and never becomes the CPU. The URLs say where the files of the package lie, if not beside it.
   * @throws {@link DeviceError} when a GPU is asked for and none works.
   */
  static async create(options: { device?: DeviceChoice | undefined } & Places = {}): Promise<Clusterer> {
    const { device = 'auto', ...places } = options;
    if (!['auto', 'cpu', 'gpu'].includes(device)) {
      throw new InputError(`device ${device}: auto, cpu or gpu is wanted`);
    }
    const client = new Client(places);
    try {
      return new Clusterer(client, device, await client.call('device', [device]));
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  /**
   * Says what would do the work for a choice; `gpu` is opened and must show that its integers are right.
   *
   * @throws {@link DeviceError} when a GPU is asked for and none works.
   */
  deviceFor(choice: DeviceChoice, slow: Slow = {}): Promise<DeviceInfo> {
    return this.#client.call('device', [choice], slow);
  }

  #dataset = (held: { id: number; summary: Summary }) => new Dataset(this.#client, this.#choice, held);

  /** Reads JSON lines, CSV, TSV, text or .npy embeddings, packed by gzip or not. */
  async read(input: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>, options: ReadOptions = {}): Promise<Dataset> {
    const blob = input instanceof Blob ? input : new Blob([input]);
    const { onProgress: _, onWarning: __, signal: ___, ...settings } = options;
    const own = 'name' in blob ? String(blob.name) : 'input';
    const wanted = { format: 'auto', ...settings, name: options.name ?? own };
    return this.#dataset(await this.#client.call('read', [blob, wanted], options));
  }

  /** Takes texts that are in memory. */
  async texts(texts: readonly string[], slow: Slow = {}): Promise<Dataset> {
    return this.#dataset(await this.#client.call('texts', [texts], slow));
  }

  /** Takes rows of `nFeatures` each. They are copied; {@link Clusterer.run} hands them over instead. */
  async rows(embeddings: Float32Array, nFeatures: number): Promise<Dataset> {
    return this.#dataset(await this.#client.call('rows', [embeddings, nFeatures]));
  }

  /** Embeds texts with the lexical embedder, which is fitted to them: rows of unit norm, or zero without features. */
  async embed(
    texts: readonly string[],
    slow: Slow = {},
  ): Promise<{ embeddings: Float32Array; nFeatures: number; featureless: Uint8Array }> {
    const { id } = await this.#client.call<{ id: number }>('texts', [texts], slow);
    try {
      return await this.#client.call('embeddings', [id], slow);
    } finally {
      await this.#client.call('forget', [id]).catch(() => {});
    }
  }

  /**
   * Clusters embeddings and makes their training order.
   *
   * The buffer of `embeddings` is handed over to the worker, and its arrays are empty from then on; the result gives
   * them back, and so does an error: `error.embeddings`.
   *
   * @param embeddings rows of `nFeatures` each, or an array of two axes from `readNpy`.
   * @throws {@link InputError}, {@link DeviceError}, or the reason of the signal.
   */
  async run(
    embeddings: Float32Array | NpyArray,
    options: { nFeatures?: number | undefined; device?: DeviceChoice | undefined } & KMeansOptions &
      SamplerOptions &
      Slow,
  ): Promise<RunResult> {
    const [rows, nFeatures] = toRows(embeddings, options.nFeatures);
    const device = options.device ?? this.#choice;
    const found = await this.#client.call<RunResult & { objective: string }>(
      'run',
      [rows, nFeatures, kmeansJson(options), samplerJson(options), device],
      options,
      [rows.buffer],
    );
    return { ...found, objective: BigInt(found.objective) };
  }

  /** Ends the worker; calls that are not answered are rejected. */
  destroy(): void {
    this.#client.destroy();
  }
}

function toRows(
  embeddings: Float32Array | NpyArray,
  nFeatures: number | undefined,
): [Float32Array<ArrayBuffer>, number] {
  const isBare = embeddings instanceof Float32Array;
  const rows = isBare ? embeddings : embeddings.data;
  if (!(rows instanceof Float32Array)) throw new InputError('embeddings: float32 values are wanted');
  // Shared memory cannot be handed over.
  if (!(rows.buffer instanceof ArrayBuffer)) throw new InputError('embeddings in shared memory: give a copy');
  if (!isBare && embeddings.shape.length !== 2) {
    throw new InputError(`embeddings of shape (${embeddings.shape.join(', ')}): two axes are wanted`);
  }
  const columns = nFeatures ?? (isBare ? undefined : embeddings.shape[1]);
  if (columns === undefined) throw new InputError('nFeatures: how many values does a row have?');
  return [rows as Float32Array<ArrayBuffer>, columns];
}
