// What the browser side takes, as JSON on standard output: `node bench.mjs ROWS.npy`, by `cargo xtask bench web`.
//
// The rows of K-Means are written to ROWS.npy, so that native code can be measured on the same ones.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { launch } from './lib/browser.mjs';
import { corpus, jsonl, rows } from './lib/corpora.mjs';
import { writeNpy } from './lib/npy.mjs';
import { open } from './lib/page.mjs';
import { appFolder, packageFolder } from './lib/places.mjs';
import { serve } from './lib/server.mjs';

const [SAMPLES, FEATURES, CLUSTERS, ITERATIONS, TIMES] = [10_000, 256, 100, 20, 5];

/** Documents of the page's largest ordinary work, and how many short ones each is made of. */
const [DOCUMENTS, PARTS] = [50_000, 4];

const [path] = process.argv.slice(2);
if (!path) throw new Error('give the file to write the rows to: node bench.mjs ROWS.npy');
const file = resolve(path);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  writeNpy(rows({ samples: SAMPLES, features: FEATURES, topics: 400, spread: 3 }), [SAMPLES, FEATURES]),
);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Milliseconds from navigation until the example can be run, each time with nothing in the cache. */
async function interactive() {
  const server = await serve({ '/': appFolder() });
  const times = [];
  for (let time = 0; time < TIMES; time++) {
    const browser = await launch({ webgpu: false });
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const ready = () => {
        if (document.querySelector('[data-testid="example"]:enabled')) {
          // A task that comes after all that was waiting: the page answers.
          setTimeout(() => {
            globalThis.interactiveAt = performance.now();
          });
        } else requestAnimationFrame(ready);
      };
      requestAnimationFrame(ready);
    });
    await page.goto(server.origin);
    await page.waitForFunction(() => globalThis.interactiveAt);
    times.push(await page.evaluate(() => globalThis.interactiveAt));
    await browser.close();
  }
  await server.close();
  return { median_ms: median(times), runs_ms: times };
}

/** Milliseconds an iteration, from the end of the first iteration to the end of the last, in the browser. */
async function kmeans(page, device) {
  const [seconds, iterations, name] = await page.evaluate(
    async ([url, device, clusters, maxIterations]) => {
      const { Clusterer, readNpy } = globalThis.clusterclip;
      const clusterer = await Clusterer.create({ device });
      const embeddings = await readNpy(await (await fetch(url)).arrayBuffer());
      const ends = [];
      const onProgress = ({ iteration }) => iteration && ends.push(performance.now());
      const found = await clusterer.run(embeddings, { clusters, maxIterations, onProgress });
      clusterer.destroy();
      return [(ends.at(-1) - ends[0]) / (ends.length - 1), found.iterations, found.device.name];
    },
    [`/rows/${basename(file)}`, device, CLUSTERS, ITERATIONS],
  );
  return { device: name, iterations, ms_per_iteration: seconds };
}

/** K-Means through the package, on the CPU and on the software adapter, in turn. */
async function clustering() {
  const server = await serve({ '/': packageFolder(), '/rows/': dirname(file) });
  const browser = await launch({ webgpu: true });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/package.json`);
  await page.evaluate(async () => {
    globalThis.clusterclip = await import('/dist/index.js');
  });
  const found = { cpu: [], gpu: [] };
  for (let time = 0; time < TIMES; time++) {
    for (const device of ['cpu', 'gpu']) found[device].push(await kmeans(page, device));
  }
  await browser.close();
  await server.close();
  return Object.fromEntries(
    Object.entries(found).map(([device, runs]) => [
      device,
      { ...runs[0], ms_per_iteration: median(runs.map((run) => run.ms_per_iteration)) },
    ]),
  );
}

/** The most memory that the page's process has held after a run over many documents, where the system tells. */
async function memory() {
  const folder = mkdtempSync(join(tmpdir(), 'clusterclip-bench-'));
  const parts = corpus({ documents: DOCUMENTS });
  const whole = parts.map(({ id }, row) => {
    const texts = Array.from({ length: PARTS }, (_, part) => parts[(row + part * 7919) % DOCUMENTS].text);
    return { id, text: texts.join('\n') };
  });
  const bytes = Buffer.from(jsonl(whole));
  writeFileSync(join(folder, 'documents.jsonl'), bytes);
  const server = await serve({ '/': appFolder() });
  const browser = await launch({ webgpu: false });
  const visit = await open(browser, server.origin);
  await visit.give(join(folder, 'documents.jsonl'));
  const begun = performance.now();
  await visit.run();
  const seconds = (performance.now() - begun) / 1000;
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => peak(id));
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
  return { documents: DOCUMENTS, bytes: bytes.length, run_seconds: seconds, peak_mib: Math.max(...peaks) };
}

/** The most resident memory of a process in MiB; NaN, which JSON writes as null, where there is no /proc. */
function peak(id) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

const shape = { samples: SAMPLES, features: FEATURES, clusters: CLUSTERS };
const found = {
  interactive: await interactive(),
  kmeans: { ...shape, ...(await clustering()) },
  memory: await memory(),
};
console.log(JSON.stringify(found, null, 2));
