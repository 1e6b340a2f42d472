import { effect, signal } from '@preact/signals';
import type { ClusterExposure, Dataset, Exposure, SamplerOptions } from 'clusterclip';
import { samplerOptions } from './options';
import { clustered } from './results';
import { dataset } from './source';

/** What the options of the order would do, beside what drawing at random would. */
export interface Shown {
  exposure: Exposure;
  random: Exposure;
}

export const shown = signal<Shown | null>(null);
/** Why there is no order with these options. */
export const refused = signal<string | null>(null);
/** Whether the figures are those of options before. */
export const isComputing = signal(false);

/** Computes anew whenever an option or the clusters change: in closed form, so at once. */
export function watchExposure(): void {
  let latest = new AbortController();
  effect(() => {
    const [found, data] = [clustered.value, dataset.peek()];
    // What was typed before is wanted no more.
    latest.abort();
    latest = new AbortController();
    const { signal } = latest;
    isComputing.value = false;
    if (!found || !data) {
      shown.value = null;
      refused.value = null;
      return;
    }
    let options: SamplerOptions | null;
    try {
      options = samplerOptions();
    } catch (error) {
      refuse(error);
      return;
    }
    isComputing.value = true;
    // A file of weights that is being read: this is called again with what it holds.
    if (options === null) return;
    compute(data, options, signal).then(
      (computed) => {
        if (signal.aborted) return;
        shown.value = computed;
        refused.value = null;
        isComputing.value = false;
      },
      (error) => {
        if (signal.aborted) return;
        refuse(error);
        isComputing.value = false;
      },
    );
  });
}

/** Whether the clip keeps a cluster from more: it is out on the way, or with unimax, where none is, drawn all it may. */
export function isClipped({ strategy, clipActs }: Exposure, cluster: ClusterExposure | undefined): boolean {
  if (!cluster || !['cluster-clip', 'unimax'].includes(strategy)) return false;
  if (strategy !== 'unimax') return cluster.clipPosition !== null;
  return clipActs && cluster.clip !== null && cluster.draws >= cluster.clip * cluster.size;
}

function refuse(error: unknown): void {
  refused.value = error instanceof Error ? error.message : String(error);
}

let last: { data: Dataset; found: unknown; draws: number; random: Exposure } | undefined;

/** What drawing so often at random would do: asked once for the same clusters. */
async function drawnAtRandom(data: Dataset, draws: number, signal: AbortSignal): Promise<Exposure> {
  const found = clustered.peek();
  if (last?.data === data && last.found === found && last.draws === draws) return last.random;
  const random = await data.exposure({ strategy: 'random', documents: draws }, { signal });
  last = { data, found, draws, random };
  return random;
}

async function compute(data: Dataset, options: SamplerOptions, signal: AbortSignal): Promise<Shown> {
  const exposure = await data.exposure(options, { signal });
  return { exposure, random: await drawnAtRandom(data, exposure.draws, signal) };
}
