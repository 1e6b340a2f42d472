import { InternalError } from './errors.js';
import { SLOW, type Slow } from './events.js';
import type { Exposure } from './exposure.js';
import {
  checkDevice,
  type KMeansOptions,
  kmeansJson,
  METHOD,
  only,
  type SamplerOptions,
  samplerJson,
  whole,
} from './options.js';
import type { StaticTable } from './table.js';
import type { Client } from './worker/client.js';
import type { DeviceChoice, DeviceInfo } from './worker/protocol.js';

/** What was read. */
export interface Summary {
  /** What it was read from. */
  name: string;
  /** Documents, or rows. */
  documents: number;
  /** Whether there are texts, not only rows. */
  hasTexts: boolean;
  /** Features of the rows that were read; null for documents. */
  nFeatures: number | null;
  /** Clusters that K-Means makes of so many documents where nobody says how many. */
  defaultClusters: number;
  /** The fields of JSON, or the columns of a table or a Parquet file. */
  fields: string[];
  /** Bytes of the texts, as UTF-8. */
  textBytes: number;
  /** Blank lines, which are left out. */
  blankLines: number;
  /** Bad records that were skipped: they keep their numbers among the documents and are never drawn. */
  badRecords: number;
  /** What the first of them said. */
  firstBadRecord: string | null;
  /** Documents whose text an earlier one has too. */
  duplicateTexts: number;
  /** Documents whose id an earlier one has too. */
  duplicateIds: number;
  /** Documents that were no UTF-8. */
  invalidUtf8: number;
  /** Documents of JSON with half a surrogate, which is read as U+FFFD. */
  halfSurrogates: number;
  /** Rows of a table that name the columns again: documents that keep their numbers and have no text. */
  repeatedHeaders: number;
  /** What the text of records is made of, such as `instruction` + `output`, names in backticks; null for text. */
  taken: string | null;
  /** Documents with a token count. */
  withTokens: number;
  /** The sum of the token counts. */
  tokens: number;
  /** What a person should know, in sentences. */
  warnings: string[];
}

/** What K-Means found. */
export interface ClusterResult {
  /** The cluster of each document, −1 for one without features. */
  labels: Int32Array;
  /** Centroids of unit norm, shape `(nClusters, nFeatures)`; a zero row for an empty cluster. */
  centroids: Float32Array;
  /** Cosine of each row with its cluster's centroid. */
  similarity: Float32Array;
  /** Documents in each cluster. */
  counts: number[];
  /** Clusters, empty ones included. */
  nClusters: number;
  /** Documents with a cluster. */
  nDocuments: number;
  /** Features of a row. */
  nFeatures: number;
  /** Iterations done. */
  iterations: number;
  /** Sum of all scores: an exact integer, the same on every device. */
  objective: bigint;
  /** Mean of 1 − similarity. */
  inertia: number;
  /** What did the work. */
  device: DeviceInfo;
  /** What a person should know, in sentences. */
  warnings: string[];
}

/** Documents or rows that live in the worker, and what becomes of them. Calls are done one after another. */
export class Dataset {
  /** What was read. */
  readonly summary: Summary;

  readonly #client: Client;
  readonly #life: number;
  readonly #id: number;
  readonly #device: DeviceChoice;

  /** Made by `Clusterer`. */
  constructor(client: Client, device: DeviceChoice, { id, summary }: { id: number; summary: Summary }) {
    this.#client = client;
    this.#life = client.life;
    this.#device = device;
    this.#id = id;
    this.summary = summary;
  }

  async #call<T>(method: string, args: unknown[] = [], slow: Slow = {}): Promise<T> {
    return this.#client.call(method, [this.#id, ...args], { slow, life: this.#life });
  }

  /**
   * Embeds the documents: with a static table where one is given, else with the lexical embedder, which is fitted to
   * them. With rows there is nothing to do. What is there from another embedder goes.
   */
  async embed(
    options: { table?: StaticTable | undefined } & Slow = {},
  ): Promise<{ nFeatures: number; nFeatureless: number }> {
    only(options, SLOW, ['table']);
    const { table, ...slow } = options;
    if (table && table.life !== this.#life) {
      throw new InternalError(
        'the static table is lost, because the worker that held it failed: load it again',
      );
    }
    return this.#call('embed', [table?.id], slow);
  }

  /** Clusters the rows; documents are embedded first where that was not done. */
  async cluster(
    options: KMeansOptions & { device?: DeviceChoice | undefined } & Slow = {},
  ): Promise<ClusterResult> {
    only(options, METHOD, SLOW, ['device']);
    const device = checkDevice(options.device ?? this.#device);
    const found = await this.#call<ClusterResult & { objective: string }>(
      'cluster',
      [kmeansJson(options), device],
      options,
    );
    return { ...found, objective: BigInt(found.objective) };
  }

  /** Lays the rows out in two dimensions, by principal components: shape `(n, 2)`, NaN without features. */
  map(slow: Slow = {}): Promise<Float32Array> {
    return this.#call('map', [], slow);
  }

  /** For each cluster at most `top` words that mark its documents. */
  async keywords(top = 6, slow: Slow = {}): Promise<string[][]> {
    return this.#call('keywords', [whole('top', top)], slow);
  }

  /** For each cluster at most `most` rows, the nearest to its centroid first. */
  async nearest(most = 5, slow: Slow = {}): Promise<number[][]> {
    return this.#call('nearest', [whole('most', most)], slow);
  }

  /** Ids and texts of rows; longer texts are cut after `maxLength` characters. */
  async documents(
    rows: ArrayLike<number>,
    options: { maxLength?: number | undefined } & Slow = {},
  ): Promise<{ row: number; id: string; text: string }[]> {
    only(options, SLOW, ['maxLength']);
    const { maxLength = Number.MAX_SAFE_INTEGER, ...slow } = options;
    const wanted = Array.from(rows, (row) => whole('row', row));
    return this.#call('documents', [wanted, whole('maxLength', maxLength)], slow);
  }

  /** Tokens of each document, NaN where they are not known. */
  tokenCounts(slow: Slow = {}): Promise<Float64Array> {
    return this.#call('tokenCounts', [], slow);
  }

  /** The rows whose text holds `needle`, upper and lower case alike, ascending. */
  search(needle: string, slow: Slow = {}): Promise<Uint32Array> {
    return this.#call('search', [String(needle)], slow);
  }

  /** The bytes of embeddings.npy, labels.npy or centroids.npy: those that the command line writes. */
  npy(which: 'embeddings' | 'labels' | 'centroids', slow: Slow = {}): Promise<Uint8Array> {
    return this.#call('npy', [which], slow);
  }

  /**
   * The bytes of order.npy.
   *
   * @throws {@link MemoryError} for more than 2^26 positions.
   */
  orderNpy(options: SamplerOptions = {}, slow: Slow = {}): Promise<Uint8Array> {
    return this.#sample('orderNpy', options, slow);
  }

  /** What the budget does to every cluster, in closed form, and how many topics the order has. */
  exposure(options: SamplerOptions = {}, slow: Slow = {}): Promise<Exposure> {
    return this.#sample('exposure', options, slow);
  }

  /**
   * Joins clusters that are alike to groups, 32 by default: the group of each cluster, named by its lowest cluster; null
   * for an empty one.
   */
  async groups(count?: number, slow: Slow = {}): Promise<(number | null)[]> {
    return this.#call('groups', [count === undefined ? undefined : whole('count', count)], slow);
  }

  /** Clusters and similarities as CSV. */
  assignmentsCsv(slow: Slow = {}): Promise<Uint8Array> {
    return this.#call('assignmentsCsv', [], slow);
  }

  /**
   * The documents in training order as JSON lines: the bytes of the command line's order.jsonl.
   *
   * @throws {@link MemoryError} before anything is made, for more than 4 GiB.
   */
  documentsJsonl(options: SamplerOptions = {}, slow: Slow = {}): Promise<Blob> {
    return this.#sample('documentsJsonl', options, slow);
  }

  async #sample<T>(method: string, options: SamplerOptions, slow: Slow = {}): Promise<T> {
    only(options, METHOD);
    return this.#call(method, [samplerJson(options)], slow);
  }

  /** Gives its memory back; it must not be used any more. */
  async destroy(): Promise<void> {
    // Where the call fails, the worker has ended, and its memory with it.
    await this.#call('forget').catch(() => {});
  }
}
