import { effect, signal } from '@preact/signals';
import { type Exposure, Sampler, type SamplerOptions } from 'clusterclip';
import { samplerOptions } from './options';
import { type Clustered, clustered } from './results';

/** What the options of the order would do, beside what drawing at random would. */
export interface Shown {
  exposure: Exposure;
  random: Exposure;
  warnings: string[];
}

export const shown = signal<Shown | null>(null);
/** Why there is no order with these options. */
export const refused = signal<string | null>(null);

/** Computes anew whenever an option or the clusters change: in closed form, so at once. */
export function watchExposure(): void {
  let turn = 0;
  effect(() => {
    const found = clustered.value;
    const mine = ++turn;
    if (!found) {
      shown.value = null;
      refused.value = null;
      return;
    }
    let options: SamplerOptions;
    try {
      options = samplerOptions();
    } catch (error) {
      show(null, error);
      return;
    }
    compute(found, options).then(
      (computed) => mine === turn && show(computed, null),
      (error) => mine === turn && show(null, error),
    );
  });
}

function show(computed: Shown | null, error: unknown): void {
  shown.value = computed ?? shown.peek();
  refused.value = error === null ? null : error instanceof Error ? error.message : String(error);
}

async function compute(found: Clustered, options: SamplerOptions): Promise<Shown> {
  const { labels, tokenCounts } = found;
  const { exposure, warnings } = await exposed({ labels, tokenCounts, ...options });
  const random = await exposed({ labels, strategy: 'random', documents: exposure.draws });
  return { exposure, random: random.exposure, warnings };
}

async function exposed(options: Parameters<typeof Sampler.create>[0]) {
  const sampler = await Sampler.create(options);
  try {
    return { exposure: sampler.exposure(), warnings: [...sampler.warnings] };
  } finally {
    sampler.destroy();
  }
}
