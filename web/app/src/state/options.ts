import { computed, signal } from '@preact/signals';
import { type DeviceChoice, formatOf, type KMeansOptions, type SamplerOptions } from 'clusterclip';
import { forgetWeights, weightOptions, weightWords } from './weights';

export type Strategy = NonNullable<SamplerOptions['strategy']>;
export type BudgetKind = 'epochs' | 'documents' | 'tokens';

/** Texts of the fields, as a person typed them; an empty one has a default. */
export const textField = signal('');
export const idField = signal('');
export const tokenField = signal('');
export const skipBad = signal(false);
export const clusters = signal('');
export const seed = signal('0');
export const device = signal<DeviceChoice>('auto');
export const strategy = signal<Strategy>('cluster-clip');
export const clip = signal('5');
export const budgetKind = signal<BudgetKind>('epochs');
export const budget = signal('1');

/** How documents become rows: by their words, or by a static table. */
export type Embedder = 'lexical' | 'table';
export const embedder = signal<Embedder>('lexical');

/** The files of a static table, as they were chosen, and what tells one choice from another. */
export const tableFiles = signal<File[]>([]);
export const tableName = computed(() =>
  tableFiles.value.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).join(', '),
);

/** The clip goes with two strategies only. */
export const hasClip = computed(() => ['cluster-clip', 'unimax'].includes(strategy.value));

/** Drawing at random does not look at clusters. */
export const hasWeights = computed(() => strategy.value !== 'random');

/** Forgets what was chosen for other documents. */
export function forgetOptions(): void {
  for (const field of [textField, idField, tokenField, clusters]) field.value = '';
  [skipBad.value, embedder.value, budgetKind.value, budget.value] = [false, 'lexical', 'epochs', '1'];
  forgetWeights();
}

/** What a person typed as a whole number. */
function whole(name: string, text: string): bigint {
  if (/^\d+$/.test(text.trim())) return BigInt(text.trim());
  throw new Error(`${name}: a whole number is wanted, not “${text}”`);
}

/**
 * The options of the order that are typed now; throws where one is no number, and gives null while a file of weights is
 * being read.
 */
export function samplerOptions(): SamplerOptions | null {
  const kind = budgetKind.value;
  const weights = hasWeights.value ? weightOptions() : {};
  if (weights === null) return null;
  return {
    strategy: strategy.value,
    // The default is nobody's wish: the core then says nothing of a clip that does not act.
    clip:
      hasClip.value && !['', '5'].includes(clip.value.trim()) ? Number(whole('Clip', clip.value)) : undefined,
    seed: whole('Seed', seed.value || '0'),
    ...weights,
    [kind]: kind === 'documents' ? whole('Budget', budget.value) : budget.value.trim() || '1',
  };
}

/** The options of the clustering that are typed now. */
export function kmeansOptions(): KMeansOptions {
  const count = clusters.value.trim();
  return {
    clusters: count === '' ? undefined : Number(whole('Clusters', count)),
    seed: whole('Seed', seed.value || '0'),
  };
}

/** The fields that are to be read. */
export function fields() {
  const given = (text: string) => text.trim() || undefined;
  return {
    textField: given(textField.value),
    idField: given(idField.value),
    tokenField: given(tokenField.value),
    onBadRecord: skipBad.value ? ('skip' as const) : ('fail' as const),
  };
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that does the same without a browser. */
export function command(name: string): string {
  const { textField, idField, tokenField, onBadRecord } = fields();
  const words = ['clusterclip', 'run', quoted(name), '--out', 'balanced'];
  const format = formatOf(name);
  const isRows = format === 'npy';
  if (isRows) words.splice(1, 4, 'cluster', quoted(name), '--out', 'balanced');
  const add = (option: string, value: string | undefined) => {
    if (value) words.push(option, quoted(value));
  };
  if (format === 'lines') words.push('--lines');
  if (!isRows) {
    add('--text-field', textField);
    add('--id-field', idField);
    add('--token-field', tokenField);
    if (onBadRecord === 'skip') add('--on-bad-record', 'skip');
  }
  if (!isRows && embedder.value === 'table') words.push('--embedder', 'FOLDER-OF-THE-TABLE');
  add('--clusters', clusters.value.trim());
  add('--seed', seed.value.trim() === '0' ? '' : seed.value.trim());
  if (isRows) words.push('&&', 'clusterclip', 'sample', 'balanced');
  if (isRows) add('--seed', seed.value.trim() === '0' ? '' : seed.value.trim());
  add('--strategy', strategy.value === 'cluster-clip' ? '' : strategy.value);
  add('--clip', hasClip.value && clip.value.trim() !== '5' ? clip.value.trim() : '');
  if (hasWeights.value) for (const [option, value] of weightWords()) add(option, value);
  const isDefault = budgetKind.value === 'epochs' && budget.value.trim() === '1';
  add(`--${budgetKind.value}`, isDefault ? '' : budget.value.trim());
  if (!isRows) words.push('--export', 'jsonl');
  return words.join(' ');
}
