import { computed, signal } from '@preact/signals';
import type { ClusterWeight, SamplerOptions } from 'clusterclip';
import { worker } from './work';

/** Where the weights come from: what suits the rows, a rule, or a file. */
export type WeightsFrom = 'default' | 'equal' | 'size' | 'density' | 'groups' | 'file';
export const weightsFrom = signal<WeightsFrom>('default');
export const temperature = signal('');
export const groups = signal('');
export const evenIn = signal<'documents' | 'tokens'>('documents');

/** The file of weights that was chosen: what it holds, or why that is of no use; neither while it is read. */
export const weightsFile = signal<{ name: string; rows?: ClusterWeight[]; wrong?: string } | null>(null);

/** A temperature goes with weights that have one only. */
export const hasTemperature = computed(() => ['size', 'density'].includes(weightsFrom.value));

/** Forgets what was chosen for other documents. */
export function forgetWeights(): void {
  weightsFrom.value = 'default';
  evenIn.value = 'documents';
  weightsFile.value = null;
  for (const field of [temperature, groups]) field.value = '';
}

/** Reads a file of weights, and takes it. */
export async function chooseWeights(file: File): Promise<void> {
  const { name } = file;
  const chosen = { name };
  weightsFile.value = chosen;
  weightsFrom.value = 'file';
  let read: { rows: ClusterWeight[] } | { wrong: string };
  try {
    read = { rows: await (await worker()).weights(file) };
  } catch (error) {
    read = { wrong: error instanceof Error ? error.message : String(error) };
  }
  // Meanwhile a person may have chosen another.
  if (weightsFile.value === chosen) weightsFile.value = { name, ...read };
}

/** How many groups are asked for; throws where that is no number. */
export function groupCount(): number | undefined {
  const text = groups.value.trim();
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`Groups: a whole number is wanted, not “${text}”`);
}

/**
 * The options of the weights that are typed now; throws where one is no number, or a file is of no use, and gives null
 * while the file is being read.
 */
export function weightOptions(): SamplerOptions | null {
  const options: SamplerOptions = evenIn.value === 'tokens' ? { evenIn: 'tokens' } : {};
  const from = weightsFrom.value;
  const warm = temperature.value.trim();
  if (hasTemperature.value && warm !== '') {
    if (!Number.isFinite(Number(warm))) throw new Error(`Temperature: a number is wanted, not “${warm}”`);
    options.temperature = Number(warm);
  }
  if (from === 'groups') options.groups = groupCount();
  if (from === 'file') {
    const rows = listed();
    if (rows === null) return null;
    options.weights = rows;
  } else if (from !== 'default') options.weights = from;
  return options;
}

function listed(): ClusterWeight[] | null {
  const chosen = weightsFile.value;
  if (!chosen)
    throw new Error('Weights: choose a file with the columns cluster, weight and, if wanted, clip.');
  if (chosen.wrong !== undefined) throw new Error(chosen.wrong);
  return chosen.rows ?? null;
}

/** The words that ask the command line for the same. */
export function weightWords(): [option: string, value: string][] {
  const from = weightsFrom.value;
  const words: [string, string][] = [];
  if (from === 'file') words.push(['--weights', weightsFile.value?.name ?? 'FILE']);
  else if (from !== 'default') words.push(['--weights', from]);
  if (hasTemperature.value) words.push(['--temperature', temperature.value.trim()]);
  if (from === 'groups') words.push(['--groups', groups.value.trim()]);
  if (evenIn.value === 'tokens') words.push(['--even-in', 'tokens']);
  return words.filter(([, value]) => value !== '');
}
