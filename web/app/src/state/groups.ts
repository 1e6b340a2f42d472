import { effect, signal } from '@preact/signals';
import { clustered } from './results';
import { dataset } from './source';
import { groupCount, groups, weightsFrom } from './weights';

/** The most clusters that are put into groups at once. */
const MAX_GROUPED = 4096;

/** The group of each cluster, named by its lowest cluster; null where nobody asked for groups, or they cannot be. */
export const groupOf = signal<(number | null)[] | null>(null);

/** Why there are no groups in the table, where they were asked for by their number. */
export const groupsRefused = signal<string | undefined>(undefined);

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
    groupsRefused.value = undefined;
    if (!found || !data || !isAsked) return;
    const refuse = (text: string) => {
      // As weights they are refused with the order.
      groupsRefused.value = weightsFrom.peek() === 'groups' ? undefined : text;
    };
    if (found.nClusters > MAX_GROUPED) return refuse(`over ${MAX_GROUPED} clusters are not grouped here`);
    let count: number | undefined;
    try {
      count = groupCount();
    } catch {
      return refuse('a whole number is wanted');
    }
    data.groups(count, { signal }).then(
      (of) => {
        if (!signal.aborted) groupOf.value = of;
      },
      (error) => {
        if (!signal.aborted) refuse(error instanceof Error ? error.message : String(error));
      },
    );
  });
}
