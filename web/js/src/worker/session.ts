import type * as core from '../../wasm/core.js';
import { type ErrorKind, InputError, kindOf, messageOf } from '../errors.js';
import { orderRows } from '../order.js';
import type { TableFiles } from '../table.js';
import type { Core } from '../wasm.js';
import { freeing } from './freeing.js';
import type { GpuRoom } from './gpu.js';
import type { ModelRoom } from './models.js';
import { type DeviceChoice, type DeviceInfo, Handed } from './protocol.js';
import { type ReadSettings, read } from './read.js';
import type { CallWatch } from './watch.js';
import { readWeights } from './weights.js';

/** Documents and rows, and what has become of them. */
interface Held {
  name: string;
  documents: core.Documents | undefined;
  embeddings: core.Embeddings | undefined;
  /** The static table that made the embeddings; none for the lexical embedder. */
  table: number | undefined;
  /** Tokens of each document, as that table counts them. */
  tokens: Float64Array | undefined;
  clustering: core.Clustering | undefined;
}

/** Errors of a GPU's module for which the CPU is a help: the GPU does not work, or the module trapped. */
const OF_GPU: ErrorKind[] = ['device', 'internal'];

/** Bytes of a piece of JSON lines. */
const PIECE = 1 << 22;

/** All that a worker holds, and what can be asked of it. Every call gets its watch first. */
export class Session {
  readonly #held = new Map<number, Held>();
  #next = 1;

  constructor(
    readonly core: Core['core'],
    readonly memory: WebAssembly.Memory,
    readonly gpu: GpuRoom,
    readonly models: ModelRoom,
  ) {}

  device(watch: CallWatch, choice: DeviceChoice): Promise<DeviceInfo> {
    return this.gpu.choose(choice, watch);
  }

  async read(watch: CallWatch, input: Blob, settings: ReadSettings) {
    const { documents, embeddings } = await read(this.core, input, settings, watch);
    return this.#hold(settings.name, documents, embeddings);
  }

  weights(watch: CallWatch, input: Blob, name: string) {
    return readWeights(this.core, input, name, watch);
  }

  texts(_: CallWatch, texts: string[]) {
    return this.#hold('texts', this.core.Documents.fromTexts(texts), undefined);
  }

  rows(watch: CallWatch, rows: Float32Array, nFeatures: number) {
    const embeddings = this.core.Embeddings.fromRows(rows, nFeatures, undefined, watch);
    return this.#hold('embeddings', undefined, embeddings);
  }

  table(watch: CallWatch, files: TableFiles) {
    return this.models.load(watch, files);
  }

  forgetTable(_: CallWatch, id: number): void {
    this.models.forget(id);
  }

  embed(watch: CallWatch, id: number, table: number | undefined) {
    const held = this.#of(id);
    // Rows that came without documents are what they are.
    if (held.documents && held.embeddings && held.table !== table) {
      held.embeddings.free();
      held.clustering?.free();
      [held.embeddings, held.clustering] = [undefined, undefined];
    }
    if (held.documents && !held.embeddings && table !== undefined) {
      const { rows, featureless, tokens } = this.models.embed(watch, table, held.documents);
      const width = rows.length / held.documents.length;
      held.embeddings = this.core.Embeddings.fromRows(rows, width, featureless, watch);
      held.tokens = tokens;
    }
    held.table = table;
    const { nFeatures, nFeatureless } = this.#embedded(held, watch);
    return { nFeatures, nFeatureless: nFeatureless - (held.documents?.skipped ?? 0) };
  }

  embedTexts(watch: CallWatch, texts: string[]) {
    const documents = this.core.Documents.fromTexts(texts);
    return freeing(documents, () => {
      const embedded = documents.embed(watch);
      return freeing(embedded, () => {
        const embeddings = embedded.rows();
        const { nFeatures, nSamples } = embedded;
        const featureless = embedded.featureless() ?? new Uint8Array(nSamples);
        return new Handed({ embeddings, nFeatures, featureless }, [embeddings.buffer, featureless.buffer]);
      });
    });
  }

  async cluster(watch: CallWatch, id: number, params: string, choice: DeviceChoice) {
    const held = this.#of(id);
    const embeddings = this.#embedded(held, watch);
    const { clustering, device } = await this.#clustered(embeddings, params, choice, watch);
    held.clustering?.free();
    held.clustering = clustering;
    const { clusters: nClusters, documents: nDocuments, ...facts } = JSON.parse(clustering.facts());
    const [labels, centroids, similarity] = [
      clustering.labels(),
      clustering.centroids(),
      clustering.similarity(),
    ];
    const value = { ...facts, nClusters, nDocuments, device, labels, centroids, similarity };
    return new Handed(value, [labels.buffer, centroids.buffer, similarity.buffer]);
  }

  /** All of it, for rows that are not kept; they are given back. */
  async run(
    watch: CallWatch,
    rows: Float32Array,
    nFeatures: number,
    params: string,
    options: string,
    device: DeviceChoice,
  ) {
    const { id } = this.rows(watch, rows, nFeatures);
    const work = async () => {
      // Options that do not go together are told before the long work.
      this.core.checkOrder(rows.length / nFeatures, options);
      const clustered = await this.cluster(watch, id, params, device);
      const ordered = this.order(watch, id, options);
      const warnings = [...clustered.value.warnings, ...ordered.value.warnings];
      const value = { ...clustered.value, ...ordered.value, warnings, embeddings: rows };
      return new Handed(value, [...clustered.buffers, ...ordered.buffers, rows.buffer as ArrayBuffer]);
    };
    return freeing({ free: () => this.forget(watch, id) }, work);
  }

  map(watch: CallWatch, id: number) {
    const points = this.#embedded(this.#of(id), watch).map(watch);
    return new Handed(points, [points.buffer]);
  }

  keywords(watch: CallWatch, id: number, top: number): string[][] {
    const { documents, clustering } = this.#of(id);
    const found = needed(clustering, 'cluster first');
    return JSON.parse(found.keywords(needed(documents, 'rows without documents have no words'), top, watch));
  }

  nearest(_: CallWatch, id: number, most: number): number[][] {
    return JSON.parse(needed(this.#of(id).clustering, 'cluster first').nearest(most));
  }

  documents(_: CallWatch, id: number, rows: number[], most: number) {
    const documents = needed(this.#of(id).documents, 'rows without documents have no text');
    return rows.map((row) => {
      const text = documents.text(row);
      return { row, id: documents.id(row), text: text.length > most ? `${cut(text, most)}…` : text };
    });
  }

  tokenCounts(_: CallWatch, id: number) {
    const held = this.#of(id);
    const counts =
      tokensOf(held)?.slice() ?? new Float64Array(held.embeddings?.nSamples ?? 0).fill(Number.NaN);
    return new Handed(counts, [counts.buffer]);
  }

  search(watch: CallWatch, id: number, needle: string) {
    const documents = needed(this.#of(id).documents, 'rows without documents have no text');
    const rows = documents.search(needle, watch);
    return new Handed(rows, [rows.buffer]);
  }

  npy(watch: CallWatch, id: number, which: 'embeddings' | 'labels' | 'centroids') {
    const held = this.#of(id);
    if (which === 'embeddings') return handed(this.#embedded(held, watch).npy());
    const clustering = needed(held.clustering, 'cluster first');
    return handed(which === 'labels' ? clustering.labelsNpy() : clustering.centroidsNpy());
  }

  orderNpy(watch: CallWatch, id: number, options: string) {
    return this.#sampling(watch, id, options, (sampler) => handed(sampler.orderNpy(watch)));
  }

  order(watch: CallWatch, id: number, options: string) {
    return this.#sampling(
      watch,
      id,
      options,
      (sampler) => {
        const order = orderRows(sampler, watch);
        const warnings: string[] = JSON.parse(sampler.warnings());
        return new Handed({ order, exposure: JSON.parse(sampler.exposure()), warnings }, [order.buffer]);
      },
      true,
    );
  }

  exposure(watch: CallWatch, id: number, options: string) {
    return this.#sampling(watch, id, options, (sampler) => JSON.parse(sampler.exposure()), true);
  }

  groups(watch: CallWatch, id: number, count: number | undefined): (number | null)[] {
    return JSON.parse(needed(this.#of(id).clustering, 'cluster first').groups(count, watch));
  }

  assignmentsCsv(watch: CallWatch, id: number) {
    const { name, documents, clustering } = this.#of(id);
    const found = needed(clustering, 'cluster first');
    return handed(documents ? found.assignmentsCsv(documents, watch) : found.rowsCsv(name, watch));
  }

  /** A blob takes the pieces as they come, so that the browser may keep them on disk. */
  documentsJsonl(watch: CallWatch, id: number, options: string) {
    const { documents, clustering } = this.#of(id);
    const texts = needed(documents, 'rows without documents have no text');
    const labels = needed(clustering, 'cluster first').labels();
    return this.#sampling(watch, id, options, (sampler) => {
      const lines = sampler.lines(labels, texts, watch);
      const tell = (event: object) => watch.emit(JSON.stringify({ stage: 'write', ...event }));
      tell({ type: 'started', total: sampler.length, unit: 'documents' });
      return freeing(lines, () => {
        const pieces: Blob[] = [];
        for (let piece = lines.next(texts, PIECE); piece; piece = lines.next(texts, PIECE)) {
          watch.check();
          pieces.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
          tell({ type: 'progress', done: lines.done });
        }
        tell({ type: 'finished' });
        return new Blob(pieces, { type: 'application/x-ndjson' });
      });
    });
  }

  forget(_: CallWatch, id: number): void {
    const held = this.#held.get(id);
    for (const part of [held?.documents, held?.embeddings, held?.clustering]) part?.free();
    this.#held.delete(id);
  }

  #hold(name: string, documents: core.Documents | undefined, embeddings: core.Embeddings | undefined) {
    const id = this.#next++;
    const nothing = { table: undefined, tokens: undefined, clustering: undefined };
    this.#held.set(id, { name, documents, embeddings, ...nothing });
    const summary = documents ? JSON.parse(documents.summary()) : nothingRead(embeddings?.nSamples ?? 0);
    const nFeatures = embeddings?.nFeatures ?? null;
    const defaultClusters = this.core.defaultClusters(summary.documents - summary.badRecords);
    const hasTexts = documents !== undefined;
    return { id, summary: { ...summary, name, hasTexts, nFeatures, defaultClusters } };
  }

  #of(id: number): Held {
    return needed(this.#held.get(id), 'this data set was destroyed');
  }

  #embedded(held: Held, watch: CallWatch): core.Embeddings {
    held.embeddings ??= needed(held.documents, 'there is nothing to embed').embed(watch);
    return held.embeddings;
  }

  async #clustered(embeddings: core.Embeddings, params: string, choice: DeviceChoice, watch: CallWatch) {
    const onCpu = (device: DeviceInfo) => ({ clustering: embeddings.cluster(params, watch), device });
    const chosen = await this.gpu.choose(choice, watch);
    if (chosen.kind === 'cpu') return onCpu(chosen);
    let found: Awaited<ReturnType<GpuRoom['cluster']>>;
    try {
      found = await this.gpu.cluster(embeddings, this.memory, params, watch);
    } catch (error) {
      // The module for GPUs tells its own traps in other words: a trap here is one of this memory.
      const isTrap = error instanceof WebAssembly.RuntimeError;
      if (choice !== 'auto' || isTrap || !OF_GPU.includes(kindOf(error))) throw error;
      const text = `The GPU failed, so the CPU does the work: ${messageOf(error)}`;
      watch.emit(JSON.stringify({ type: 'warning', text }));
      return onCpu({ kind: 'cpu', name: 'CPU', note: text });
    }
    const { labels, centroids, values, biases, similarity, facts, name } = found;
    const clustering = this.core.Clustering.fromParts(labels, centroids, values, biases, similarity, facts);
    return { clustering, device: { kind: 'gpu', name } as DeviceInfo };
  }

  #sampling<T>(
    watch: CallWatch,
    id: number,
    options: string,
    work: (sampler: core.Sampler) => T,
    tellsTopics = false,
  ): T {
    const held = this.#of(id);
    const areRead = held.documents !== undefined;
    // Lexical rows are fitted to their corpus; those of a table, and those that were given, carry meaning.
    const carryMeaning = !areRead || held.table !== undefined;
    const clustering = needed(held.clustering, 'cluster first');
    const [tokens, scores] = [tokensOf(held), scoresOf(held)];
    const sampler = clustering.sampler(options, tokens, scores, areRead, carryMeaning, tellsTopics, watch);
    return freeing(sampler, () => work(sampler));
  }
}

/** Tokens of each document, as the documents say it, or else the static table that embedded them. */
function tokensOf({ documents, tokens, table }: Held): Float64Array | undefined {
  const own = documents?.tokens();
  const isKnown = own?.some((count) => !Number.isNaN(count));
  return isKnown || table === undefined ? own : tokens;
}

/** Scores of documents that were read with some: without any, an order by score would be one by row. */
function scoresOf({ documents }: Held): Float64Array | undefined {
  const scores = documents?.scores();
  return scores?.some((score) => !Number.isNaN(score)) ? scores : undefined;
}

function needed<T>(there: T | undefined, message: string): T {
  if (there === undefined) throw new InputError(message, 'usage');
  return there;
}

function handed(bytes: Uint8Array): Handed {
  return new Handed(bytes, [bytes.buffer]);
}

/** What is said of rows that came without documents. */
function nothingRead(documents: number) {
  const none = { textBytes: 0, blankLines: 0, badRecords: 0, firstBadRecord: null, duplicateTexts: 0 };
  const counts = {
    duplicateIds: 0,
    invalidUtf8: 0,
    halfSurrogates: 0,
    repeatedHeaders: 0,
    withTokens: 0,
    tokens: 0,
  };
  const more = { ...counts, taken: null, fields: [], warnings: [] };
  return { documents, ...none, ...more };
}

/** The beginning of a text, without the half of a character. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
