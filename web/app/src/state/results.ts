import { computed, signal } from '@preact/signals';
import type { ClusterResult } from 'clusterclip';

/** A document that is shown. */
export interface Shown {
  row: number;
  id: string;
  text: string;
}

/** What a run has found. */
export interface Clustered extends ClusterResult {
  /** Shape (n, 2). */
  points: Float32Array;
  /** Words of each cluster; none for rows without texts. */
  keywords: string[][];
  /** Documents nearest to each centroid. */
  nearest: Shown[][];
  /** Tokens of each document, NaN where they are not known. */
  tokenCounts: Float64Array;
  /** Seconds that the run took. */
  seconds: number;
  /** The options that it was made with, to tell when others are typed. */
  madeWith: string;
}

export const clustered = signal<Clustered | null>(null);

/** The cluster that is looked at. */
export const selected = signal<number | null>(null);

/** What is searched for, and the rows that hold it. */
export const needle = signal('');
export const matches = signal<Uint32Array | null>(null);

/** Documents that are not on the map. */
export const offMap = computed(() => {
  const found = clustered.value;
  return found ? found.labels.length - found.nDocuments : 0;
});

/** Whether the tokens of documents are known. */
export const knowsTokens = computed(
  () => clustered.value?.tokenCounts.some((count) => !Number.isNaN(count)) ?? false,
);

/** Selects a cluster, or none when it is selected already. */
export function select(cluster: number | null): void {
  selected.value = cluster === selected.value ? null : cluster;
}

/** Forgets what was found: other documents are read. */
export function clearResults(): void {
  clustered.value = null;
  selected.value = null;
  matches.value = null;
  needle.value = '';
}
