import { type ClusterResult, Dataset, type Summary } from './dataset.js';
import { ClusterclipError, InputError, messageOf } from './errors.js';
import { SLOW, type Slow } from './events.js';
import type { Exposure } from './exposure.js';
import type { FileFormat } from './formats.js';
import type { NpyArray } from './npy.js';
import {
  type ClusterWeight,
  checkDevice,
  type KMeansOptions,
  kmeansJson,
  METHOD,
  only,
  type SamplerOptions,
  samplerJson,
  whole,
} from './options.js';
import { filesOf, StaticTable, type TableSource } from './table.js';
import { Client, type Places } from './worker/client.js';
import type { DeviceChoice, DeviceInfo } from './worker/protocol.js';

/** How a file is read. */
export interface ReadOptions extends Slow {
  /**
   * What it is called: in ids and messages. Its end tells the format, and `.gz` that it is packed. A `File` has a name of
   * its own.
   */
  name?: string | undefined;
  /** What it holds; by default its name tells. `json` is an array of objects, `lines` a document a line. */
  format?: 'auto' | FileFormat | undefined;
  /**
   * The field of the text, or a path to it such as `meta.text`; several are joined by a line break. By default the fields
   * of the first record tell: a conversation, `instruction` and `output`, `text`, `content`, `prompt` and `completion`, ….
   */
  textField?: string | readonly string[] | undefined;
  /** The field of the id, or a path to it; by default `id`. */
  idField?: string | undefined;
  /** The field of the token count, or a path to it. */
  tokenField?: string | undefined;
  /** The field of the score, or a path to it; for orders within score. */
  scoreField?: string | undefined;
  /** What stands between the cells of a table: one character; by default `,` in CSV, a tab in TSV. */
  delimiter?: string | undefined;
  /** What stands round cells that hold delimiters or line ends: one character, or `none`; by default `"`. */
  quote?: string | undefined;
  /** Whether the first record of a table is a document; its columns are called 0, 1, …. */
  noHeader?: boolean | undefined;
  /** Whether a bad record is an error (the default) or is left out and counted. */
  onBadRecord?: 'fail' | 'skip' | undefined;
  /** The most documents that are held; more is an error. */
  maxDocuments?: number | undefined;
  /**
   * The most bytes of the unpacked file, of the unpacked columns that are wanted of Parquet, and of rows as the float32
   * values that they become; more is an error.
   */
  maxBytes?: number | undefined;
}

/** What of these reading itself looks at. */
const READ = [
  'name',
  'format',
  'textField',
  'idField',
  'tokenField',
  'scoreField',
  'delimiter',
  'quote',
  'noHeader',
  'onBadRecord',
  'maxDocuments',
  'maxBytes',
] as const satisfies (keyof ReadOptions)[];

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
    only(options, ['device', 'workerUrl', 'coreWasmUrl', 'gpuWasmUrl', 'modelsWasmUrl']);
    const { device = 'auto', ...places } = options;
    const client = new Client(places);
    try {
      return new Clusterer(client, device, await client.call('device', [checkDevice(device)]));
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
  async deviceFor(choice: DeviceChoice, slow: Slow = {}): Promise<DeviceInfo> {
    return this.#client.call('device', [checkDevice(choice)], { slow });
  }

  #dataset = (held: { id: number; summary: Summary }) => new Dataset(this.#client, this.#choice, held);

  /**
   * Reads JSON lines, JSON, CSV, TSV, Parquet, text or .npy embeddings, all but Parquet packed by gzip or not.
   *
   * @throws {@link InputError} for what cannot be read: with the name and the line. {@link MemoryError} for more than
   * the limits allow.
   */
  async read(
    input: Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>,
    options: ReadOptions = {},
  ): Promise<Dataset> {
    const { onProgress, onWarning, signal, ...settings } = options;
    only(settings, READ);
    const blob = await toBlob(input, signal);
    const own = 'name' in blob ? String(blob.name) : 'input';
    const wanted = { ...settings, format: options.format ?? 'auto', name: options.name ?? own };
    const slow = { onProgress, onWarning, signal };
    return this.#dataset(await this.#client.call('read', [blob, wanted], { slow }));
  }

  /**
   * Reads a list of weights for {@link SamplerOptions.weights}: any format that documents are read from, a record a
   * cluster, with the fields `cluster` (its index), `weight` and, if there is one, `clip`.
   *
   * @throws {@link InputError} for what is no such list.
   */
  async weights(input: Blob, options: { name?: string | undefined } & Slow = {}): Promise<ClusterWeight[]> {
    const { name, ...slow } = options;
    only(slow, SLOW);
    const own = 'name' in input ? String(input.name) : 'weights';
    return this.#client.call('weights', [input, name ?? own], { slow });
  }

  /** Takes texts that are in memory. */
  async texts(texts: readonly string[], slow: Slow = {}): Promise<Dataset> {
    return this.#dataset(await this.#client.call('texts', [checkTexts(texts)], { slow }));
  }

  /** Takes rows of `nFeatures` each. They are copied; {@link Clusterer.run} hands them over instead. */
  async rows(embeddings: Float32Array, nFeatures: number, slow: Slow = {}): Promise<Dataset> {
    const [rows, columns] = toRows(embeddings, nFeatures);
    const copy = rows.slice();
    const options = { slow, buffers: [copy.buffer] };
    return this.#dataset(await this.#client.call('rows', [copy, columns], options));
  }

  /**
   * Loads a static table, by which {@link Dataset.embed} embeds: the `tokenizer.json`, `model.safetensors` and, where
   * there is one, `config.json` of a folder in the layout of the Hugging Face hub. Transformers do not run here yet.
   *
   * @param source the files, as a person drops them, or the URL of the folder.
   * @throws {@link InputError} for files that are missing, damaged, or no static table.
   */
  async table(source: TableSource, slow: Slow = {}): Promise<StaticTable> {
    const files = await filesOf(source, slow);
    return new StaticTable(this.#client, await this.#client.call('table', [files], { slow }));
  }

  /** Embeds texts with the lexical embedder, which is fitted to them: rows of unit norm, or zero without features. */
  async embed(
    texts: readonly string[],
    slow: Slow = {},
  ): Promise<{ embeddings: Float32Array; nFeatures: number; featureless: Uint8Array }> {
    return this.#client.call('embedTexts', [checkTexts(texts)], { slow });
  }

  /**
   * Clusters embeddings and makes their training order.
   *
   * The buffer of `embeddings` is handed over to the worker, and all arrays on it are empty from then on. The result gives
   * the embeddings back, and so does what the call is rejected with from then on: `error.embeddings`.
   *
   * @param embeddings rows of `nFeatures` each, or an array of two axes from `readNpy`.
   * @throws {@link InputError}, {@link MemoryError}, {@link DeviceError}; once the rows were handed over
   * {@link AbortedError}, before that the reason of the signal.
   */
  async run(
    embeddings: Float32Array | NpyArray,
    options: { nFeatures?: number | undefined; device?: DeviceChoice | undefined } & KMeansOptions &
      SamplerOptions &
      Slow,
  ): Promise<RunResult> {
    only(options, METHOD, SLOW, ['nFeatures', 'device']);
    const [rows, nFeatures] = toRows(embeddings, options.nFeatures);
    const device = checkDevice(options.device ?? this.#choice);
    const found = await this.#client.call<RunResult & { objective: string }>(
      'run',
      [rows, nFeatures, kmeansJson(options), samplerJson(options), device],
      { slow: options, buffers: [rows.buffer] },
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
  const rows = isBare ? embeddings : embeddings?.data;
  if (!(rows instanceof Float32Array)) throw new InputError('embeddings: float32 values are wanted', 'usage');
  // Shared memory cannot be handed over.
  if (!(rows.buffer instanceof ArrayBuffer))
    throw new InputError('embeddings in shared memory: give a copy', 'usage');
  if (!isBare && !Array.isArray(embeddings.shape)) {
    throw new InputError('embeddings: an array without a shape; give its values, and nFeatures', 'usage');
  }
  if (!isBare && embeddings.shape.length !== 2) {
    throw new InputError(
      `embeddings of shape (${embeddings.shape.join(', ')}): two axes are wanted`,
      'input',
    );
  }
  const columns = nFeatures ?? (isBare ? undefined : embeddings.shape[1]);
  if (columns === undefined) throw new InputError('nFeatures: how many values does a row have?', 'usage');
  return [rows as Float32Array<ArrayBuffer>, whole('nFeatures', columns)];
}

/** Bytes are copied. A stream is read to its end first: the browser may keep it on disk. */
async function toBlob(
  input: Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Blob> {
  if (input instanceof Blob) return input;
  if (input instanceof ReadableStream) return drained(input, signal);
  if (input instanceof ArrayBuffer || input instanceof Uint8Array) {
    return new Blob([input as ArrayBuffer | Uint8Array<ArrayBuffer>]);
  }
  throw new InputError('a File, a Blob, bytes or a stream of bytes is wanted', 'usage');
}

async function drained(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): Promise<Blob> {
  if (stream.locked) throw new InputError('the stream is being read already', 'usage');
  const bytesOnly = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      if (!(piece instanceof Uint8Array)) throw new InputError('a stream of bytes is wanted', 'usage');
      controller.enqueue(piece as Uint8Array<ArrayBuffer>);
    },
  });
  try {
    return await new Response(stream.pipeThrough(bytesOnly, signal ? { signal } : {})).blob();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof ClusterclipError) throw error;
    throw new InputError(`the stream cannot be read: ${messageOf(error)}`, 'io', { cause: error });
  }
}

/** Wasm takes well-formed text only, and would put something else in the place of the rest. */
function checkTexts(texts: readonly string[]): readonly string[] {
  if (!Array.isArray(texts)) throw new InputError('texts: an array of strings is wanted', 'usage');
  const found = texts.findIndex((text) => typeof text !== 'string' || /\p{Surrogate}/u.test(text));
  if (found < 0) return texts;
  const why =
    typeof texts[found] === 'string' ? 'half a surrogate pair in it; use toWellFormed()' : 'no string';
  throw new InputError(`text ${found}: ${why}`, 'input');
}
