/** How often one cluster is drawn. */
export interface ClusterExposure {
  /** Its index. */
  cluster: number;
  /** Documents in it. */
  size: number;
  /** The group of clusters that it is in, named by its lowest cluster; null unless weights are by groups. */
  group: number | null;
  /** Its weight: 1 on average. */
  weight: number;
  /** Its clip, if there is one. */
  clip: number | null;
  /** Draws from it: by the law, a fraction. */
  draws: number;
  /** Draws for each of its documents. */
  epochs: number;
  /** First position without it (with `s2g`: with it), if the clip acts on it within the budget. */
  clipPosition: number | null;
}

/** Which weights an order has. */
export interface OrderWeights {
  /** How they were found; `file` for a list. */
  rule: 'equal' | 'size' | 'density' | 'groups' | 'file';
  /** The temperature, with weights that have one. */
  temperature: number | null;
  /** How many groups share evenly, with weights by groups. */
  groups: number | null;
  /** What they share out. */
  evenIn: 'documents' | 'tokens';
  /** `asked`, or what decided: the rows carry `meaning`, are `lexical`, are `many`; the `strategy`; `labels` alone. */
  why: 'asked' | 'strategy' | 'labels' | 'lexical' | 'unknown' | 'many' | 'meaning';
}

/**
 * How many topics that have nothing in common would be drawn as evenly. It compares orders over one clustering of rows
 * that carry meaning, and nothing else.
 */
export interface Topics {
  /** Of the order. */
  order: number;
  /** Of an order as long with equal weights; absent beside random. */
  equal?: number;
  /** Of drawing at random. */
  random: number;
}

/** What a budget does to every cluster, in closed form. */
export interface Exposure {
  /** The strategy. */
  strategy: string;
  /** Whether the figures are expectations: with `random`, and with independent choice. */
  expected: boolean;
  /** Length of the order. */
  draws: number;
  /** Documents with a cluster. */
  documents: number;
  /** The clip in force, if there is one. */
  clip: number | null;
  /** Whether the clip leaves a cluster out before the order ends. */
  clipActs: boolean;
  /** Share of the documents that are drawn at all. */
  coverage: number;
  /** exp of the entropy (natural logarithm) of the clusters' shares of the draws. */
  effectiveClusters: number;
  /** Which weights the order has; null with `random`, which does not look at clusters. */
  weights: OrderWeights | null;
  /** How many topics it has; null for lexical rows and labels alone, of which that cannot be told. */
  topics: Topics | null;
  /** What a person should know, in sentences. */
  warnings: string[];
  /** Every cluster that is not empty, nor left out by a weight of 0, by index. */
  clusters: ClusterExposure[];
}
