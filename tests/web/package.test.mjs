// The npm package as others use it: packed, installed, from a plain server and through Vite.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { clusterclip } from './lib/cli.mjs';
import { rows } from './lib/corpora.mjs';
import { readNpy, writeNpy } from './lib/npy.mjs';
import { scratch } from './lib/places.mjs';
import { build, install, start } from './lib/project.mjs';
import { serve } from './lib/server.mjs';
import { Watch } from './lib/watch.mjs';

const [SAMPLES, FEATURES, CLUSTERS, SEED, CLIP] = [3000, 32, 40, 11, 2];

/** Milliseconds, of minutes. What is promised is 100, and one submission; the machines of the tests do other work too. */
const STOPS_WITHIN = { cpu: 1000, gpu: 10_000 };

const folder = scratch();
const wanted = {};
let [browser, project] = [];

before(async () => {
  const file = join(folder, 'rows.npy');
  const out = join(folder, 'out');
  writeFileSync(
    file,
    writeNpy(rows({ samples: SAMPLES, features: FEATURES, topics: 60 }), [SAMPLES, FEATURES]),
  );
  await clusterclip('cluster', file, '--out', out, '--clusters', CLUSTERS, '--seed', SEED);
  await clusterclip('sample', out, '--seed', SEED, '--clip', CLIP, '--weights', 'equal');
  for (const name of ['labels', 'centroids', 'order']) {
    wanted[name] = Array.from(readNpy(readFileSync(join(out, `${name}.npy`))).data, Number);
  }
  project = await install(folder);
  await build(project);
  browser = await launch({ webgpu: true });
});
after(() => browser?.close());

/** Ways to serve the project: each gives `{ origin, close }` and the path of a page that has the package. */
const WAYS = {
  'by its URL on a plain server': [() => serve({ '/': project }), '/bare.html'],
  'from vite build and vite preview': [() => start(project, 'preview'), '/'],
  'from vite dev': [() => start(project), '/'],
};

for (const [name, [begin, path]] of Object.entries(WAYS)) {
  describe(name, () => {
    let [server, page, watch] = [];
    before(async () => {
      server = await begin();
      const context = await browser.newContext();
      watch = new Watch(context, server.origin);
      page = await context.newPage();
      await page.goto(server.origin + path);
      await page.waitForFunction(() => 'clusterclip' in globalThis);
      const file = readFileSync(join(folder, 'rows.npy')).toString('base64');
      await page.evaluate(
        ([file, options]) => {
          globalThis.rows = () =>
            globalThis.clusterclip.readNpy(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)));
          globalThis.options = options;
          const opened = {};
          // To open a GPU in software takes seconds: the tests share it.
          globalThis.clusterer = (device) => {
            opened[device] ??= globalThis.clusterclip.Clusterer.create({ device });
            return opened[device];
          };
        },
        [file, { clusters: CLUSTERS, seed: SEED, clip: CLIP, weights: 'equal' }],
      );
    });
    after(async () => {
      await page?.context().close();
      await server?.close();
    });

    for (const device of ['cpu', 'gpu']) {
      test(`run on the ${device} gives the command line's labels, centroids and order`, async () => {
        const found = await page.evaluate(async (device) => {
          const clusterer = await globalThis.clusterer(device);
          const stages = new Set();
          const onProgress = ({ stage }) => stages.add(stage);
          const embeddings = await globalThis.rows();
          const result = await clusterer.run(embeddings, { ...globalThis.options, onProgress });
          const { labels, centroids, order } = result;
          return {
            labels: Array.from(labels),
            centroids: Array.from(centroids),
            order: Array.from(order, Number),
            devices: [clusterer.device.name, result.device.name],
            handed: embeddings.data.length,
            given: result.embeddings.length,
            stages: [...stages],
          };
        }, device);
        for (const what of ['labels', 'centroids', 'order'])
          assert.deepEqual(found[what], wanted[what], what);
        for (const said of found.devices) assert.match(said, device === 'cpu' ? /^CPU$/ : /swiftshader/i);
        assert.deepEqual(
          [found.handed, found.given],
          [0, SAMPLES * FEATURES],
          'the rows are handed over and back',
        );
        assert.ok(found.stages.includes('cluster'), `progress of ${found.stages}`);
      });
    }

    for (const device of ['cpu', 'gpu']) {
      test(`an aborted run stops on the ${device}, gives the rows back, and leaves a worker that works`, async (context) => {
        const found = await page.evaluate(async (device) => {
          const clusterer = await globalThis.clusterer(device);
          const stopper = new AbortController();
          const [many, nFeatures] = [30_000, 64];
          const embeddings = Float32Array.from({ length: many * nFeatures }, (_, at) =>
            Math.sin(at * (at % 97)),
          );
          let aborted = 0;
          const onProgress = ({ iteration }) => {
            if (!iteration || aborted) return;
            aborted = performance.now();
            stopper.abort(new Error('enough'));
          };
          const work = { nFeatures, clusters: 300, signal: stopper.signal, onProgress };
          const error = await clusterer.run(embeddings, work).catch((reason) => reason);
          const took = performance.now() - aborted;
          const { labels } = await clusterer.run(await globalThis.rows(), globalThis.options);
          return {
            message: error.message,
            given: error.embeddings?.length,
            took,
            labels: Array.from(labels),
          };
        }, device);
        context.diagnostic(`stopped after ${found.took.toFixed(0)} ms`);
        assert.equal(found.message, 'enough');
        assert.equal(found.given, 30_000 * 64);
        assert.ok(found.took < STOPS_WITHIN[device], `${found.took} ms`);
        assert.deepEqual(found.labels, wanted.labels);
      });
    }

    test('a call while one runs waits its turn, and one that is aborted while it waits never starts', async () => {
      const found = await page.evaluate(async () => {
        const clusterer = await globalThis.clusterer('gpu');
        const stopper = new AbortController();
        const ended = [];
        const run = async (name, more) => {
          const data = await globalThis.rows();
          const done = await clusterer.run(data, { ...globalThis.options, ...more }).catch((error) => error);
          ended.push(name);
          return { labels: Array.from(done.labels ?? []), message: done.message, kept: data.data.length };
        };
        const both = [
          run('first'),
          run('second', { signal: stopper.signal }),
          run('third', { device: 'cpu' }),
        ];
        await new Promise((done) => setTimeout(done, 20));
        stopper.abort(new Error('not any more'));
        const [first, second, third] = await Promise.all(both);
        return { first, second, third, ended };
      });
      assert.deepEqual(found.first.labels, wanted.labels);
      assert.deepEqual(found.third.labels, wanted.labels);
      assert.equal(found.second.message, 'not any more');
      assert.equal(found.second.kept, SAMPLES * FEATURES, 'what never started was never handed over');
      assert.ok(found.ended.indexOf('first') < found.ended.indexOf('third'), `ended: ${found.ended}`);
    });

    test('the sampler gives the order of the labels, at any position', async () => {
      const found = await page.evaluate(async (list) => {
        const labels = Int32Array.from(list);
        const sampler = await globalThis.clusterclip.Sampler.create({
          labels,
          ...globalThis.options,
          clusters: undefined,
        });
        const order = Array.from(sampler.order(), Number);
        const drawn = Array.from(sampler, ({ row }) => row);
        const at = [order.length - 1, 0, 1234].map(
          (position) => sampler.at(position).row === order[position],
        );
        sampler.destroy();
        return { order, drawn, at };
      }, wanted.labels);
      assert.deepEqual(found.order, wanted.order);
      assert.deepEqual(found.drawn, wanted.order);
      assert.deepEqual(found.at, [true, true, true]);
    });

    test('bad input is an InputError that says what is wrong', async () => {
      const found = await page.evaluate(async () => {
        const { Clusterer, InputError } = globalThis.clusterclip;
        const clusterer = await Clusterer.create({ device: 'cpu' });
        const bad = [
          clusterer.run(new Float32Array(10), { nFeatures: 3 }),
          clusterer.run(new Float32Array(12).fill(1), { nFeatures: 3, clusters: 5 }),
          clusterer.run(new Float32Array(12).fill(1), { nFeatures: 3, clusters: 2, clip: 0 }),
          clusterer.run(new Float32Array(12).fill(Number.NaN), { nFeatures: 3, clusters: 2 }),
        ];
        const errors = await Promise.all(
          bad.map((call) =>
            call.then(
              () => undefined,
              (error) => error,
            ),
          ),
        );
        clusterer.destroy();
        return errors.map((error) => [error instanceof InputError, error?.kind, error?.message]);
      });
      for (const [isInput, , message] of found) assert.ok(isInput && message.length > 10, message);
      assert.deepEqual(
        found.map(([, kind]) => kind),
        ['input', 'input', 'usage', 'input'],
      );
    });

    test('all that time the package kept to its origin and had no error', () => watch.clean());
  });
}
