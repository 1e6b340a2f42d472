import { computed, signal } from '@preact/signals';
import type { Dataset } from 'clusterclip';
import { MAX_BYTES, MAX_DOCUMENTS } from './limits';
import { fields } from './options';
import { clearResults } from './results';
import { busy, cancel, fail, settled, status, warnings, worker } from './work';

/** The file that was chosen. */
const file = signal<{ blob: Blob; name: string } | null>(null);

/** What was read of it. */
export const dataset = signal<Dataset | null>(null);
export const summary = computed(() => dataset.value?.summary ?? null);
export const fileName = computed(() => file.value?.name ?? null);

/** Reads a file, with the fields that are chosen. */
export async function open(blob: Blob, name: string): Promise<void> {
  file.value = { blob, name };
  await readAgain();
}

let turn = 0;

/** Reads the same file again, after other fields were chosen. */
export async function readAgain(): Promise<void> {
  if (!file.value) return;
  const mine = ++turn;
  // Other documents are wanted now, whatever is going on.
  cancel();
  await settled();
  clearResults();
  warnings.value = [];
  const before = dataset.value;
  dataset.value = null;
  // A worker that failed has nothing to give back.
  await before?.destroy().catch(() => {});
  // Meanwhile a person may have wanted others again.
  if (mine !== turn) return;
  const { blob, name } = file.value;
  const limits = { maxDocuments: MAX_DOCUMENTS, maxBytes: MAX_BYTES };
  await busy(
    `Reading ${name}`,
    async (slow) => {
      const read = await (await worker()).read(blob, { name, ...limits, ...fields(), ...slow });
      dataset.value = read;
      warnings.value = read.summary.warnings;
      const { documents, hasTexts } = read.summary;
      return `${documents.toLocaleString('en')} ${hasTexts ? 'documents' : 'rows'} read. Press Run to cluster them.`;
    },
    name,
  );
}

/** Says why something that was dropped cannot be read. */
export function refuse(text: string): void {
  status.value = 'That did not work.';
  fail(new Error(text));
}
