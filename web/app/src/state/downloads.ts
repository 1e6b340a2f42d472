import { computed } from '@preact/signals';
import type { Dataset } from 'clusterclip';
import { refused, shown } from './exposure';
import { samplerOptions } from './options';
import { clustered } from './results';
import { isStale } from './run';
import { dataset } from './source';
import { busy, isBusy, type Slow } from './work';

/** What can be downloaded: its name in the page, the file, and what is in it. */
export const DOWNLOADS = [
  { name: 'embeddings', file: 'embeddings.npy', what: 'float32, a row a document' },
  { name: 'labels', file: 'labels.npy', what: 'int32, a cluster a document' },
  { name: 'centroids', file: 'centroids.npy', what: 'float32, a row a cluster' },
  { name: 'order', file: 'order.npy', what: 'document rows, in order' },
  { name: 'assignments', file: 'assignments.csv', what: 'ids, clusters, similarities' },
  { name: 'documents', file: 'order.jsonl', what: 'documents, in order' },
] as const;

export type Download = (typeof DOWNLOADS)[number];

/** Whether there is an order for the options that are typed. */
const hasOrder = computed(() => shown.value !== null && refused.value === null);

/** Whether something can be downloaded now. */
export function isReady(name: Download['name']): boolean {
  const data = dataset.value;
  // Clusters of one seed in the order of another are what no command makes.
  if (!data || !clustered.value || isBusy.value || isStale.value) return false;
  if (name === 'documents') return data.summary.hasTexts && hasOrder.value;
  return name !== 'order' || hasOrder.value;
}

/** Makes a file and hands it to the browser. */
export function download({ name, file }: Download): Promise<boolean> {
  const data = dataset.value;
  if (!data) return Promise.resolve(false);
  const act = async (slow: Slow) => {
    const blob = await make(data, name, slow);
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = file;
    link.click();
    // The browser has it in hand only after this task.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return `${file} is made.`;
  };
  return busy(`Making ${file}`, act, data.summary.name);
}

async function make(data: Dataset, name: Download['name'], slow: Slow): Promise<Blob> {
  // What is typed now, though the figures of the change before may still be shown.
  const options = samplerOptions();
  if (options === null) throw new Error('The file of weights is still being read.');
  if (name === 'documents') return data.documentsJsonl(options, slow);
  const bytes =
    name === 'order'
      ? await data.orderNpy(options, slow)
      : name === 'assignments'
        ? await data.assignmentsCsv(slow)
        : await data.npy(name, slow);
  return new Blob([bytes as Uint8Array<ArrayBuffer>]);
}
