import { computed, effect, signal } from '@preact/signals';
import type { Dataset, DeviceInfo } from 'clusterclip';
import { clusters, device, embedder, kmeansOptions, seed, tableName } from './options';
import { type Clustered, clustered, matches, needle, selected } from './results';
import { dataset } from './source';
import { chosenTable, forgetTable } from './table';
import { busy, fail, type Slow, warnings, worker } from './work';

/** Words and documents that are found for each cluster. */
const KEYWORDS = 6;
const NEAREST = 5;

/** Characters of a document that the table shows. */
const SHOWN = 400;

/** What does the work. */
export const machine = signal<DeviceInfo | null>(null);

/** The options that decide the clusters, as they are typed now. */
const wanted = computed(() =>
  JSON.stringify([
    embedder.value === 'table' ? tableName.value : null,
    clusters.value.trim(),
    seed.value.trim() || '0',
  ]),
);

/** What made the rows, in the words of {@link wanted}. */
function embedderOf(madeWith: string | undefined): unknown {
  return madeWith === undefined ? undefined : JSON.parse(madeWith)[0];
}

/** Whether other clusters are asked for than are shown. */
export const isStale = computed(() => {
  const found = clustered.value;
  return found !== null && found.madeWith !== wanted.value;
});

/** Embeds, clusters and lays out. */
export async function run(): Promise<void> {
  const data = dataset.value;
  if (!data) return;
  warnings.value = data.summary.warnings;
  await busy('Clustering', async (slow) => {
    const begun = performance.now();
    const madeWith = wanted.value;
    const options = kmeansOptions();
    // Rows of another embedder take the clusters that are shown away, in the worker.
    let isReplaced = embedderOf(madeWith) !== embedderOf(clustered.value?.madeWith);
    const work = async () => {
      if (data.summary.hasTexts) await embed(data, slow);
      const found = await data.cluster({ ...options, device: device.value, ...slow });
      isReplaced = true;
      const points = await data.map(slow);
      const about = await describe(data, found.nClusters, slow);
      slow.signal.throwIfAborted();
      return { found, points, about };
    };
    const { found, points, about } = await work().catch((error) => {
      // The worker has others than are shown, or none.
      if (isReplaced) clustered.value = null;
      throw error;
    });
    const seconds = (performance.now() - begun) / 1000;
    machine.value = found.device;
    selected.value = null;
    clustered.value = { ...found, points, ...about, seconds, madeWith };
    const { iterations, nClusters, nDocuments } = found;
    const count = (number: number, what: string) =>
      `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
    return `${count(nDocuments, 'document')} in ${count(nClusters, 'cluster')} after ${count(iterations, 'iteration')}, ${seconds.toFixed(1)} s.`;
  });
}

/** What was said of the rows of documents, and what made them. */
const noted = new WeakMap<Dataset, { madeBy: string; texts: string[] }>();

/** Embeds documents as is chosen. */
async function embed(data: Dataset, slow: Slow): Promise<void> {
  const table = await chosenTable(slow);
  const madeBy = embedder.value === 'table' ? tableName.value : 'lexical';
  const texts: string[] = [];
  const onWarning = (text: string) => {
    texts.push(text);
    slow.onWarning(text);
  };
  try {
    await data.embed({ table, ...slow, onWarning });
    // Rows that are there already say nothing again, but what was said of them still holds.
    const before = noted.get(data);
    if (texts.length > 0 || before?.madeBy !== madeBy) noted.set(data, { madeBy, texts });
    else before.texts.forEach(slow.onWarning);
  } catch (error) {
    // The worker that held the table may have failed: it is loaded again.
    forgetTable();
    throw error;
  }
}

type About = Pick<Clustered, 'keywords' | 'nearest' | 'tokenCounts'>;

/** What clusters are about. */
async function describe(data: Dataset, nClusters: number, { signal }: Slow): Promise<About> {
  const rows = await data.nearest(NEAREST, { signal });
  const tokenCounts = await data.tokenCounts({ signal });
  if (!data.summary.hasTexts) {
    const nearest = rows.map((rows) => rows.map((row) => ({ row, id: String(row), text: '' })));
    return { keywords: Array.from({ length: nClusters }, () => []), nearest, tokenCounts };
  }
  const keywords = await data.keywords(KEYWORDS, { signal });
  const shown = await data.documents(rows.flat(), { maxLength: SHOWN, signal });
  const byRow = new Map(shown.map((document) => [document.row, document]));
  const nearest = rows.map((rows) => rows.flatMap((row) => byRow.get(row) ?? []));
  return { keywords, nearest, tokenCounts };
}

/** Asks what would do the work, whenever another device is chosen. */
export function watchDevice(): void {
  effect(() => {
    const choice = device.value;
    worker()
      .then((clusterer) => clusterer.deviceFor(choice))
      .then(
        (info) => {
          if (device.value === choice) machine.value = info;
        },
        (error) => {
          if (device.value !== choice) return;
          machine.value = null;
          fail(error);
        },
      );
  });
}

/** Milliseconds after the last key until a search begins. */
const PAUSE = 200;

/** Searches for what is typed, once the keys rest. */
export function watchSearch(): void {
  let timer = 0;
  let last = new AbortController();
  effect(() => {
    const text = needle.value.trim();
    const data = dataset.value;
    clearTimeout(timer);
    // What was typed before is wanted no more.
    last.abort();
    last = new AbortController();
    const { signal } = last;
    if (text === '' || !data?.summary.hasTexts) {
      matches.value = null;
      return;
    }
    timer = window.setTimeout(async () => {
      try {
        const rows = await data.search(text, { signal });
        if (!signal.aborted) matches.value = rows;
      } catch (error) {
        if (!signal.aborted) fail(error);
      }
    }, PAUSE);
  });
}
