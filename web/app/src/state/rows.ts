import { computed } from '@preact/signals';
import { shown } from './exposure';
import { groupOf } from './groups';
import { clustered, type Shown } from './results';

/** What a run has found of a cluster; what the order makes of it is apart, because it follows the options. */
export interface Row {
  cluster: number;
  size: number;
  share: number;
  keywords: string[];
  nearest: Shown[];
}

export const rows = computed((): Row[] => {
  const found = clustered.value;
  if (!found) return [];
  return found.counts.map((size, cluster) => ({
    cluster,
    size,
    share: size / Math.max(found.nDocuments, 1),
    keywords: found.keywords[cluster] ?? [],
    nearest: found.nearest[cluster] ?? [],
  }));
});

/** What the order makes of each cluster; nothing of those without documents. */
export const drawn = computed(
  () => new Map(shown.value?.exposure.clusters.map((cluster) => [cluster.cluster, cluster])),
);

/** What rows are sorted by. */
export const VALUES = {
  cluster: ({ cluster }: Row) => cluster,
  size: ({ size }: Row) => size,
  ofOrder: ({ cluster }: Row) => drawn.value.get(cluster)?.draws ?? 0,
  epochs: ({ cluster }: Row) => drawn.value.get(cluster)?.epochs ?? 0,
};

export type Key = keyof typeof VALUES;

/** Rows of one group of clusters that are alike, as far as they are shown, and all of the group. */
export interface Block {
  group: number | null;
  rows: Row[];
  all: Row[];
}

/** Puts rows together by their groups, each where its first row is; all are one where there are no groups. */
export function blocks(sorted: readonly Row[]): Block[] {
  const of = groupOf.value;
  const found = new Map<number | null, Row[]>();
  for (const row of sorted) {
    const group = of?.[row.cluster] ?? null;
    const before = found.get(group);
    if (before) before.push(row);
    else found.set(group, [row]);
  }
  const whole = (group: number | null) =>
    of ? rows.value.filter(({ cluster }) => of[cluster] === group) : [];
  return [...found].map(([group, rows]) => ({ group, rows, all: whole(group) }));
}
