// What the package holds and what it refuses to: limits of memory, shared signals, devices that are lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { halves, writeNpy } from './lib/npy.mjs';
import { packageFolder } from './lib/places.mjs';
import { serve } from './lib/server.mjs';

let [browser, server, page] = [];
before(async () => {
  server = await serve({ '/': packageFolder() });
  browser = await launch({ webgpu: true });
  page = await browser.newPage();
  await page.goto(`${server.origin}/package.json`);
  await page.evaluate(async () => {
    globalThis.clusterclip = await import('/dist/index.js');
  });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('calls that share a signal get each its own embeddings back', async () => {
  const found = await page.evaluate(async () => {
    const { AbortedError, Clusterer } = globalThis.clusterclip;
    const stopper = new AbortController();
    const reason = new DOMException('enough', 'TimeoutError');
    const lengths = [30_000 * 64, 30_000 * 32];
    let running = 0;
    const abort = () => {
      running += 1;
      if (running === lengths.length) stopper.abort(reason);
    };
    const errors = await Promise.all(
      lengths.map(async (length) => {
        const clusterer = await Clusterer.create({ device: 'cpu' });
        const embeddings = Float32Array.from({ length }, (_, at) => Math.sin(at * (at % 97)));
        let isRunning = false;
        const onProgress = () => {
          if (!isRunning) abort();
          isRunning = true;
        };
        const work = { nFeatures: length / 30_000, clusters: 300, signal: stopper.signal, onProgress };
        const error = await clusterer.run(embeddings, work).catch((error) => error);
        clusterer.destroy();
        return error;
      }),
    );
    return {
      given: errors.map((error) => error.embeddings?.length),
      names: errors.map(({ name, message }) => `${name}: ${message}`),
      are: errors.map(
        (error) => error instanceof AbortedError && error.kind === 'cancelled' && error.cause === reason,
      ),
      touched: 'embeddings' in reason,
      lengths,
    };
  });
  assert.deepEqual(found.given, found.lengths);
  assert.deepEqual(found.names, ['TimeoutError: enough', 'TimeoutError: enough']);
  assert.deepEqual(found.are, [true, true]);
  assert.equal(found.touched, false, "the reason is the caller's");
});

test('every call is rejected with the reason of its signal', async () => {
  const found = await page.evaluate(async () => {
    const clusterer = await globalThis.clusterclip.Clusterer.create({ device: 'cpu' });
    const data = await clusterer.texts(['one two', 'two three', 'three four', 'four five']);
    await data.cluster({ clusters: 2 });
    const reason = new Error('not any more');
    const slow = { signal: AbortSignal.abort(reason) };
    const calls = {
      deviceFor: clusterer.deviceFor('cpu', slow),
      read: clusterer.read(new Blob(['one']), { name: 'a.txt', ...slow }),
      texts: clusterer.texts(['one'], slow),
      rows: clusterer.rows(new Float32Array(4), 2, slow),
      embedTexts: clusterer.embed(['one'], slow),
      run: clusterer.run(new Float32Array(4), { nFeatures: 2, ...slow }),
      embed: data.embed(slow),
      cluster: data.cluster(slow),
      map: data.map(slow),
      keywords: data.keywords(2, slow),
      nearest: data.nearest(2, slow),
      documents: data.documents([0], slow),
      search: data.search('one', slow),
      tokenCounts: data.tokenCounts(slow),
      npy: data.npy('labels', slow),
      orderNpy: data.orderNpy({}, slow),
      assignmentsCsv: data.assignmentsCsv(slow),
      documentsJsonl: data.documentsJsonl({}, slow),
    };
    const ended = Object.entries(calls).map(async ([name, call]) => {
      const thrown = await call.catch((error) => error);
      return thrown === reason ? [] : [name];
    });
    const others = (await Promise.all(ended)).flat();
    const { length } = await data.assignmentsCsv();
    clusterer.destroy();
    return { others, length };
  });
  assert.deepEqual(found.others, []);
  assert.ok(found.length > 0, 'the data set is still there');
});

test('texts from memory are counted as those of a file', async () => {
  const [own, read] = await page.evaluate(async () => {
    const clusterer = await globalThis.clusterclip.Clusterer.create({ device: 'cpu' });
    const texts = ['one', 'two', 'one', 'three', 'one'];
    const lines = texts.map((text) => `${JSON.stringify({ text })}\n`).join('');
    const both = [await clusterer.texts(texts), await clusterer.read(new Blob([lines]), { name: 'a.jsonl' })];
    clusterer.destroy();
    return both.map(({ summary }) => summary);
  });
  assert.equal(own.duplicateTexts, 2);
  assert.equal(own.defaultClusters, 2, '√5');
  assert.deepEqual(own.warnings, ['2 documents have the same text as an earlier one']);
  // Records have fields, of which one is taken.
  assert.deepEqual([own.taken, read.taken], [null, '`text`']);
  const alike = (summary) => ({ ...summary, name: '', fields: [], taken: null });
  assert.deepEqual(alike(own), alike(read));
});

/** What reading gives: the number of rows, or the error. */
const read = (bytes, name, limits) =>
  page.evaluate(
    async ([bytes, name, limits]) => {
      const { Clusterer, ClusterclipError, MemoryError } = globalThis.clusterclip;
      const clusterer = await Clusterer.create({ device: 'cpu' });
      const input = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
      const found = await clusterer.read(input, { name, ...limits }).then(
        ({ summary }) => summary.documents,
        (error) => [
          error instanceof MemoryError && error.kind === 'memory',
          error instanceof ClusterclipError,
          error.message,
        ],
      );
      clusterer.destroy();
      return found;
    },
    [Buffer.from(bytes).toString('base64'), name, limits],
  );

test('halves count as what they become', async () => {
  const values = new Float32Array(600).fill(0.5);
  const [small, large] = [writeNpy(halves(values), [100, 6]), writeNpy(values, [100, 6])];
  assert.equal(await read(large, 'large.npy', { maxBytes: large.length }), 100);
  assert.equal(await read(small, 'small.npy', { maxBytes: 2400, maxDocuments: 100 }), 100);
  const refused = await read(small, 'small.npy', { maxBytes: 2399 });
  assert.deepEqual(refused.slice(0, 2), [true, true]);
  assert.match(refused[2], /^small\.npy: more than the 2399 bytes of float32 values that can be held/);
});

test('what is too large is a MemoryError, from every format', async () => {
  const rows = writeNpy(new Float32Array(12), [6, 2]);
  for (const [bytes, name, limits, message] of [
    [rows, 'rows.npy', { maxDocuments: 5 }, /^rows\.npy: more than the 5 rows/],
    [rows, 'rows.npy', { maxBytes: 50 }, /^rows\.npy holds more than the 50 bytes/],
    ['one\ntwo\nthree\n', 'a.txt', { maxDocuments: 2 }, /^a\.txt holds more than the 2 documents/],
  ]) {
    const [isMemory, isOurs, said] = await read(bytes, name, limits);
    assert.ok(isMemory && isOurs, said);
    assert.match(said, message);
  }
});

test('an order.jsonl that is too large is refused before it is made', async () => {
  const found = await page.evaluate(async () => {
    const { Clusterer, MemoryError } = globalThis.clusterclip;
    const clusterer = await Clusterer.create({ device: 'cpu' });
    const texts = Array.from({ length: 100 }, (_, row) =>
      `${['cats', 'dogs', 'stars'][row % 3]} `.repeat(2000),
    );
    const data = await clusterer.texts(texts);
    await data.cluster({ clusters: 3 });
    const stages = new Set();
    const onProgress = ({ stage }) => stages.add(stage);
    const jsonl = (documents) => data.documentsJsonl({ strategy: 'random', documents }, { onProgress });
    const errors = [];
    for (const documents of [500_000, 2 ** 40]) errors.push(await jsonl(documents).catch((error) => error));
    const before = [...stages];
    const lines = (await (await jsonl(250)).text()).trimEnd().split('\n');
    clusterer.destroy();
    return {
      errors: errors.map((error) => [error instanceof MemoryError && error.kind === 'memory', error.message]),
      before,
      lines: lines.length,
    };
  });
  for (const [isMemory, message] of found.errors) {
    assert.ok(isMemory, message);
    assert.match(message, /4294967296 bytes.*smaller budget.*--export jsonl/);
  }
  assert.deepEqual(found.before, [], 'nothing was written');
  assert.equal(found.lines, 250);
});

test('a device that is lost is given back, and opened anew', async () => {
  const found = await page.evaluate(async () => {
    // The worker with a hand on its device.
    const script = `
      import { Gpu } from '${location.origin}/wasm/gpu.js';
      import '${location.origin}/dist/worker/main.js';
      const channel = new BroadcastChannel('device');
      const { requestDevice } = GPUAdapter.prototype;
      let device;
      GPUAdapter.prototype.requestDevice = async function (...options) {
        return (device = await requestDevice.apply(this, options));
      };
      const { free } = Gpu.prototype;
      Gpu.prototype.free = function () {
        channel.postMessage('freed');
        free.call(this);
      };
      channel.onmessage = async () => {
        device.destroy();
        await device.lost;
        channel.postMessage('lost');
      };
    `;
    const workerUrl = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const channel = new BroadcastChannel('device');
    const heard = [];
    const hears = () => new Promise((done) => channel.addEventListener('message', done, { once: true }));
    channel.addEventListener('message', ({ data }) => heard.push(data));

    const clusterer = await globalThis.clusterclip.Clusterer.create({ device: 'gpu', workerUrl });
    const embeddings = Float32Array.from({ length: 4000 }, (_, at) => Math.sin(at + 1));
    const labels = async () => {
      const { labels } = await data.cluster({ clusters: 9 });
      return [...labels];
    };
    const data = await clusterer.rows(embeddings, 4);
    const before = await labels();
    const lost = hears();
    channel.postMessage('lose');
    await lost;
    const freed = hears();
    const error = await labels().catch((error) => error);
    await freed;
    const after = await labels();
    clusterer.destroy();
    return { before, after, heard, error: [error.name, error.kind] };
  });
  assert.deepEqual(found.error, ['DeviceError', 'device']);
  assert.deepEqual(found.heard, ['lost', 'freed']);
  assert.deepEqual(found.after, found.before);
});
