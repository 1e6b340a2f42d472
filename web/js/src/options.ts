import { InputError } from './errors.js';
import type { DeviceChoice } from './worker/protocol.js';

/** Whole numbers: as numbers up to 2^53 − 1, as bigint beyond. */
export type Whole = number | bigint;

/** What one cluster is given. */
export interface ClusterWeight {
  /** Its index. */
  cluster: number;
  /** Its weight, at least 0: only ratios count, and 0 leaves the cluster out. */
  weight: number;
  /** Its own clip, 1 to 65536; by default that of all. */
  clip?: number | null | undefined;
}

/** Which documents are drawn, in which order, how often. What is left out has the default of the command line. */
export interface SamplerOptions {
  /** `cluster-clip` unless said otherwise. */
  strategy?: 'cluster-clip' | 'uniform' | 'unimax' | 'random' | 'g2s' | 's2g' | undefined;
  /** `stratified`: every cluster once a round. `independent`: any cluster at every position. */
  choice?: 'stratified' | 'independent' | undefined;
  /** Most repetitions of a document, 1 to 65536, 5 by default; with `cluster-clip` and `unimax` only. */
  clip?: number | undefined;
  /** What happens when the budget is longer than the clip allows. */
  whenExhausted?: 'error' | 'raise-clip' | undefined;
  /** 0 to 2^64 − 1; 0 by default. */
  seed?: Whole | undefined;
  /** Length of the order in passes over the documents, a decimal; 1 by default. */
  epochs?: number | string | undefined;
  /** Length of the order in draws. */
  documents?: Whole | undefined;
  /**
   * The share of the draws that each cluster gets. `equal` is the paper's; `size` follows sizes, softened; `density` and
   * `groups` compare centroids, so that clusters that are alike share their draws; or a list. By default `density` where
   * rows carry meaning and the strategy is `cluster-clip` or `unimax`, else `equal`. Not with `random`.
   */
  weights?: 'equal' | 'size' | 'density' | 'groups' | readonly ClusterWeight[] | undefined;
  /** Larger is nearer to equal: 2 by default with `size`, 1 with `density`; with these weights only. */
  temperature?: number | undefined;
  /** How many groups of clusters share evenly; 32 by default, with weights `groups` only. */
  groups?: number | undefined;
  /** Whether weights share out documents (the default) or their tokens, which needs token counts. */
  evenIn?: 'documents' | 'tokens' | undefined;
  /**
   * In which order a cluster's documents are drawn: each epoch `shuffled` anew (the default), or every epoch from the
   * highest `score` to the lowest. Not with `random`.
   */
  within?: 'shuffled' | 'score' | undefined;
  /** Length of the order in tokens; as text with the suffixes K, M, B, T. Needs token counts. */
  tokens?: Whole | string | undefined;
}

/** How rows are clustered. What is left out has the default of the command line. */
export interface KMeansOptions {
  /** Number of clusters; √n by default. */
  clusters?: number | undefined;
  /** Seed of the first centroids, 0 to 2^64 − 1; 0 by default. */
  seed?: Whole | undefined;
  /** Most iterations; 300 by default. */
  maxIterations?: number | undefined;
  /** Stops once an iteration gains less than this share of what is left to gain; 0 by default: until no label moves. */
  tolerance?: number | undefined;
  /** Where the first centroids come from; `random` by default. */
  init?: 'random' | 'k-means++' | undefined;
}

/** Refuses options that nobody knows: a misspelt one would be left out in silence. */
export function only(options: object, ...known: (readonly string[])[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InputError('options: an object is wanted', 'usage');
  const names = known.flat();
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new InputError(`${unknown} is no option; there are ${names.join(', ')}`, 'usage');
}

/** Refuses what is no choice of a device. */
export function checkDevice(choice: DeviceChoice): DeviceChoice {
  if (['auto', 'cpu', 'gpu'].includes(choice)) return choice;
  throw new InputError(`device ${choice}: auto, cpu or gpu is wanted`, 'usage');
}

/** The names of both kinds of options: one object may serve both, as that of `run` does. */
export const METHOD = [
  ...(['strategy', 'choice', 'clip', 'whenExhausted', 'seed', 'epochs', 'documents', 'tokens'] as const),
  ...(['weights', 'temperature', 'groups', 'evenIn', 'within'] as const),
  ...(['clusters', 'maxIterations', 'tolerance', 'init'] as const),
] satisfies (keyof SamplerOptions | keyof KMeansOptions)[];

/** Writes a whole number in digits; what is no whole number, or one that a number cannot hold exactly, is refused. */
export function digits(option: string, value: Whole | undefined): string | undefined {
  if (value === undefined || typeof value === 'bigint' || Number.isSafeInteger(value))
    return value?.toString();
  throw new InputError(`${option} ${value}: a whole number up to 2^53 - 1 is wanted, or a bigint`, 'usage');
}

/** Checks a number that crosses to wasm as it is. */
export function whole(option: string, value: Whole): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new InputError(`${option} ${value}: a whole number from 0 to 2^53 - 1 is wanted`, 'usage');
}

function count(option: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : whole(option, value);
}

/** The options of an order, as the core reads them. */
export function samplerJson(options: SamplerOptions): string {
  const { strategy, choice, whenExhausted, tokens, evenIn, within } = options;
  return JSON.stringify({
    strategy,
    choice,
    whenExhausted,
    evenIn,
    within,
    ...weights(options.weights),
    temperature: finite('temperature', options.temperature),
    groups: count('groups', options.groups),
    clip: count('clip', options.clip),
    seed: digits('seed', options.seed),
    epochs: options.epochs === undefined ? undefined : decimal(options.epochs),
    documents: digits('documents', options.documents),
    tokens: typeof tokens === 'string' ? tokens : digits('tokens', tokens),
  });
}

/** JSON has no other numbers: they would turn into null, which is the default. */
function finite(option: string, value: number | undefined): number | undefined {
  if (value === undefined || Number.isFinite(value)) return value;
  throw new InputError(`${option} ${value}: a finite number is wanted`, 'usage');
}

/** Weights as the core reads them: a rule by its name, or a list. */
function weights(given: SamplerOptions['weights']): object {
  if (given === undefined || typeof given === 'string') return { weights: given };
  if (!Array.isArray(given)) throw new InputError('weights: a name or an array is wanted', 'usage');
  const listed = (given as readonly ClusterWeight[]).map(({ cluster, weight, clip }, row) => {
    if (!Number.isFinite(weight)) {
      const text = `weights: row ${row}: cluster ${cluster} has ${weight}; a weight is a finite number, at least 0`;
      throw new InputError(text, 'input');
    }
    const own = clip == null ? undefined : whole(`weights[${row}].clip`, clip);
    return { cluster: whole(`weights[${row}].cluster`, cluster), weight, clip: own };
  });
  return { listed };
}

/** JavaScript writes small numbers with an exponent, which is no decimal. */
function decimal(epochs: number | string): string {
  const text = String(epochs);
  return typeof epochs === 'number' && /e-/.test(text) ? epochs.toFixed(18) : text;
}

/** The options of K-Means, as the core reads them. */
export function kmeansJson(options: KMeansOptions): string {
  return JSON.stringify({
    clusters: count('clusters', options.clusters),
    seed: digits('seed', options.seed),
    maxIterations: count('maxIterations', options.maxIterations),
    tolerance: finite('tolerance', options.tolerance),
    init: options.init,
  });
}
