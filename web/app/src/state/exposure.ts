import { effect, signal } from '@preact/signals';
import type { Dataset, Exposure, SamplerOptions } from 'clusterclip';
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
  let last = new AbortController();
  effect(() => {
    const [found, data] = [clustered.value, dataset.peek()];
    // What was typed before is wanted no more.
    last.abort();
    last = new AbortController();
    const { signal } = last;
    isComputing.value = false;
    if (!found || !data) {
      shown.value = null;
      refused.value = null;
      return;
    }
    let options: SamplerOptions;
    try {
      options = samplerOptions();
    } catch (error) {
      refuse(error);
      return;
    }
    isComputing.value = true;
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

function refuse(error: unknown): void {
  refused.value = error instanceof Error ? error.message : String(error);
}

async function compute(data: Dataset, options: SamplerOptions, signal: AbortSignal): Promise<Shown> {
  const exposure = await data.exposure(options, { signal });
  const random = await data.exposure({ strategy: 'random', documents: exposure.draws }, { signal });
  return { exposure, random };
}
