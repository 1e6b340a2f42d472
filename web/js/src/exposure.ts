/** How often one cluster is drawn. */
export interface ClusterExposure {
  /** Its index. */
  cluster: number;
  /** Documents in it. */
  size: number;
  /** Draws from it: by the law, a fraction. */
  draws: number;
  /** Draws for each of its documents. */
  epochs: number;
  /** First position without it (with `s2g`: with it), if the clip acts on it within the budget. */
  clipPosition: number | null;
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
  /** Every cluster that is not empty, by index. */
  clusters: ClusterExposure[];
}
