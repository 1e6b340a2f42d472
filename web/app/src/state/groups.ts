import { effect, signal } from '@preact/signals';
import { clustered } from './results';
import { dataset } from './source';
import { groupCount, groups, weightsFrom } from './weights';

/** The most clusters that are put into groups at once. */
const MAX_GROUPED = 4096;

/** The group of each cluster, named by its lowest cluster; null where nobody asked for groups, or they cannot be. */
export const groupOf = signal<(number | null)[] | null>(null);

/** Joins clusters to groups whenever these are asked for: by their number, or as weights. */
export function watchGroups(): void {
  let last = new AbortController();
  effect(() => {
    const [found, data] = [clustered.value, dataset.peek()];
    const isAsked = groups.value.trim() !== '' || weightsFrom.value === 'groups';
    last.abort();
    last = new AbortController();
    const { signal } = last;
    groupOf.value = null;
    if (!found || !data || !isAsked || found.nClusters > MAX_GROUPED) return;
    let count: number | undefined;
    try {
      count = groupCount();
    } catch {
      // As weights they are refused with words; the table then has no groups.
      return;
    }
    data.groups(count, { signal }).then(
      (of) => {
        if (!signal.aborted) groupOf.value = of;
      },
      () => {},
    );
  });
}
