// Running: progress, stopping, running again, and what changes without a run.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { sameBytes } from './lib/bytes.mjs';
import { clusterclip, results } from './lib/cli.mjs';
import { corpus, jsonl } from './lib/corpora.mjs';
import { scratch } from './lib/places.mjs';
import { stage } from './lib/stage.mjs';

/** Enough for some seconds of work. */
const [DOCUMENTS, CLUSTERS] = [8000, 800];

/** What the page promises is 100 ms; the machines of the tests do other work too. */
const STOPS_WITHIN = 1000;

const folder = scratch();
const path = join(folder, 'large.jsonl');
const set = stage({ webgpu: false });
let visit;
before(async () => {
  writeFileSync(path, jsonl(corpus({ documents: DOCUMENTS, seed: 2 })));
  visit = await set.visit();
  await visit.give(path);
  await visit.set({ clusters: CLUSTERS });
});

/**
 * Begins a run, waits until what goes on matches, and stops it.
 *
 * @returns milliseconds: `went`, from the begin to the stop, and `took`, from the click to rest.
 */
async function stop(pattern) {
  const begun = performance.now();
  await visit.hook('run').click();
  await visit.page.waitForFunction(
    (source) =>
      new RegExp(source).test(document.querySelector('[data-testid="status"]').parentElement.textContent),
    pattern.source,
    { polling: 10 },
  );
  const went = performance.now() - begun;
  const took = await visit.page.evaluate(
    () =>
      new Promise((done) => {
        const cancel = document.querySelector('[data-testid="cancel"]');
        const start = performance.now();
        const look = () => {
          if (!cancel.disabled) return;
          observer.disconnect();
          done(performance.now() - start);
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { attributes: true, childList: true, subtree: true });
        cancel.click();
        look();
      }),
  );
  return { went, took };
}

describe('8000 documents on the CPU', () => {
  for (const [what, pattern] of [
    ['learning words', /Learning words: \d/],
    ['embedding', /Embedding: \d/],
    ['clustering', /iteration \d/],
  ]) {
    test(`cancel stops while ${what}`, async (context) => {
      const { went, took } = await stop(pattern);
      context.diagnostic(`stopped ${took.toFixed(0)} ms after the click, at ${(went / 1000).toFixed(1)} s`);
      assert.ok(took < STOPS_WITHIN, `${took} ms`);
      assert.equal(await visit.words('error'), '', 'to stop is no error');
      assert.match(await visit.words('status'), /cancel|stopp/i);
      assert.match(await visit.words('summary'), /8[ ,\u202f\u00a0]?000/, 'the data that was read is kept');
      assert.ok(await visit.hook('run').isEnabled());
    });
  }

  test('a run after a cancelled one ends with the bytes of the command line', async (context) => {
    const start = performance.now();
    await visit.run();
    context.diagnostic(`${((performance.now() - start) / 1000).toFixed(1)} s in the page`);
    const out = join(folder, 'out');
    await clusterclip('run', path, '--out', out, '--clusters', CLUSTERS);
    const wanted = await results(out);
    for (const what of Object.keys(wanted)) sameBytes(await visit.download(what), wanted[what], what);
  });

  test('the map shows the documents', async () => {
    const colours = await visit.hook('map').evaluate((map) => {
      const canvas = map instanceof HTMLCanvasElement ? map : map.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 20, `${colours} colours`);
  });

  test('clip, strategy and budget change the exposure at once, without a run', async () => {
    const shown = () => visit.words('exposure');
    const texts = [await shown()];
    for (const options of [{ clip: 1 }, { strategy: 'random' }, { strategy: 'cluster-clip', clip: 5 }]) {
      await visit.set(options);
      texts.push(await shown());
    }
    assert.notEqual(texts[1], texts[0]);
    assert.notEqual(texts[2], texts[1]);
    assert.equal(texts[3], texts[0]);
    assert.ok(await visit.hook('download-order').isEnabled());
  });

  test('a budget beyond the clip is refused, with the longest that is not, and no order can be had', async () => {
    await visit.set({ clip: 2, budget: 2.5 });
    assert.match(await visit.words('error'), /clip/);
    assert.deepEqual(await visit.downloads(), ['embeddings', 'labels', 'centroids', 'assignments']);
    await visit.set({ clip: 5, budget: 1 });
    assert.equal(await visit.words('error'), '');
    await visit.until('download-order', 'enabled');
  });

  test('an order.jsonl that is too large is refused, with the command that would make it', async () => {
    await visit.set({ strategy: 'random', 'budget-kind': 'documents', budget: 2 ** 40 });
    await visit.until('download-documents', 'enabled');
    await visit.hook('download-documents').click();
    await visit.idle();
    assert.match(await visit.words('error'), /order\.jsonl would take more than 4294967296 bytes/);
    assert.match(
      await visit.words('error'),
      /clusterclip run large\.jsonl .*--documents 1099511627776 --export jsonl/,
    );
    await visit.set({ strategy: 'cluster-clip', 'budget-kind': 'epochs', budget: 1 });
    await visit.until('download-order', 'enabled');
  });

  test('the table is sorted by its heads and filtered by words', async () => {
    const cells = () => visit.hook('clusters-table').locator('tbody td:nth-child(2)').allTextContents();
    const sizes = async () => (await cells()).map((text) => Number.parseInt(text.replace(/\D/g, ''), 10));
    const head = visit.hook('clusters-table').getByRole('columnheader', { name: 'Documents', exact: true });
    const descending = (await sizes()).toSorted((a, b) => b - a);
    assert.deepEqual(await sizes(), descending, 'the largest first');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(
      await sizes(),
      (await sizes()).toSorted((a, b) => a - b),
    );
    const all = (await sizes()).length;
    await visit.hook('table-search').fill('violin');
    const found = (await sizes()).length;
    assert.ok(found > 0 && found < all, `${found} of ${all} clusters`);
    await visit.hook('table-search').fill('');
  });

  test('a clip is for cluster-clip alone', async () => {
    for (const strategy of ['uniform', 'random', 'g2s', 's2g']) {
      await visit.set({ strategy });
      assert.ok(await visit.hook('clip').isDisabled(), strategy);
    }
    await visit.set({ strategy: 'cluster-clip' });
    assert.ok(await visit.hook('clip').isEnabled());
  });
});

test('all that time the page kept to its origin and had no error', () => visit.close());
