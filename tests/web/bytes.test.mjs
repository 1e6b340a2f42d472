// The promise: the page and the command line give the same bytes.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { sameBytes } from './lib/bytes.mjs';
import { clusterclip, results, STRATEGIES } from './lib/cli.mjs';
import { corpus, jsonl, lines, rows, table } from './lib/corpora.mjs';
import { halves, readNpy, writeNpy } from './lib/npy.mjs';
import { scratch } from './lib/places.mjs';
import { python } from './lib/python.mjs';
import { stage } from './lib/stage.mjs';

const CLUSTERS = 24;
const SEED = 7;
const CLIP = 3;
const folder = scratch();
const documents = corpus({ documents: 700 });

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** What the command line makes of a file with a strategy: its files, and the documents in order. Made once. */
function expected(path, strategy, ...more) {
  const key = [path, strategy, ...more].join(' ');
  made[key] ??= make(path, strategy, ...more);
  return made[key];
}

const made = {};

async function make(path, strategy, ...more) {
  const out = `${path}.out`;
  const clip = ['cluster-clip', 'unimax'].includes(strategy) ? ['--clip', CLIP] : [];
  const options = ['--clusters', CLUSTERS, '--seed', SEED, '--strategy', strategy, ...clip, ...more];
  await clusterclip('run', path, '--out', out, ...options, '--export', 'jsonl', '--force');
  return { ...(await results(out)), documents: readFileSync(join(out, 'order.jsonl')) };
}

const DEVICES = [
  { name: 'on the CPU, without WebGPU', webgpu: false, choice: 'auto', says: /^CPU$/ },
  { name: 'on WebGPU', webgpu: true, choice: 'gpu', says: /swiftshader/i },
];

for (const { name, webgpu, choice, says } of DEVICES) {
  describe(name, () => {
    const set = stage({ webgpu });
    const path = file('documents.jsonl', jsonl(documents));
    let visit;

    before(async () => {
      visit = await set.visit();
      await visit.give(path);
      await visit.set({ 'device-choice': choice, clusters: CLUSTERS, seed: SEED, clip: CLIP });
      await visit.run();
    });

    test('the page says what did the work', async () => {
      assert.match(await visit.words('device'), says);
      if (!webgpu) assert.match(await visit.words(), /so the CPU does the work/, 'and why');
    });

    for (const strategy of STRATEGIES) {
      test(`page_and_cli_give_the_same_bytes with ${strategy}`, async () => {
        const wanted = await expected(path, strategy);
        await visit.set({ strategy });
        for (const what of Object.keys(wanted)) {
          sameBytes(await visit.download(what), wanted[what], `${what} of ${strategy}`);
        }
      });
    }

    test('assignments lead to the same order', async () => {
      await visit.set({ strategy: 'cluster-clip' });
      const [csv, order] = [await visit.download('assignments'), await visit.download('order')];
      const out = join(folder, `assigned-${choice}`);
      const assigned = file(`assignments-${choice}.csv`, csv);
      const options = ['--cluster-field', 'cluster', '--seed', SEED, '--clip', CLIP];
      await clusterclip('sample', assigned, ...options, '--out', out);
      sameBytes(order, readFileSync(join(out, 'order.npy')), 'the order of assignments.csv');
    });

    test('a second run with another seed gives the bytes of that seed', async () => {
      await visit.set({ seed: 8 });
      await visit.run();
      const out = join(folder, `second-${choice}`);
      await clusterclip('run', path, '--out', out, '--clusters', CLUSTERS, '--seed', 8, '--clip', CLIP);
      const wanted = await results(out);
      for (const what of Object.keys(wanted)) sameBytes(await visit.download(what), wanted[what], what);
    });

    test('all that time the page kept to its origin and had no error', () => visit.close());
  });
}

describe('from every format', () => {
  const set = stage({ webgpu: false });
  let visit;
  before(async () => {
    visit = await set.visit();
    await visit.set({ clusters: CLUSTERS, seed: SEED, clip: CLIP });
  });

  const FILES = [
    ['documents.csv', table(documents, ',')],
    ['documents.tsv', table(documents, '\t')],
    ['documents.txt', lines(documents), '--lines'],
  ];
  for (const [name, bytes, ...more] of FILES) {
    test(`page_and_cli_give_the_same_bytes from ${name}`, async () => {
      const path = file(name, bytes);
      const wanted = await expected(path, 'cluster-clip', ...more);
      await visit.give(path);
      await visit.run();
      for (const what of Object.keys(wanted)) sameBytes(await visit.download(what), wanted[what], what);
    });
  }

  test('page_and_cli_give_the_same_bytes for a budget in tokens', async () => {
    const path = file('tokens.jsonl', jsonl(documents));
    const out = `${path}.out`;
    const budget = ['--token-field', 'n_tokens', '--tokens', 50_000];
    await clusterclip(
      'run',
      path,
      '--out',
      out,
      '--clusters',
      CLUSTERS,
      '--seed',
      SEED,
      '--clip',
      CLIP,
      ...budget,
    );
    await visit.give(path);
    await visit.set({ 'token-field': 'n_tokens' });
    await visit.set({ 'budget-kind': 'tokens', budget: 50_000 });
    await visit.run();
    sameBytes(await visit.download('order'), readFileSync(join(out, 'order.npy')), 'the order');
    await visit.set({ 'budget-kind': 'epochs', budget: 1, 'token-field': null });
  });

  const floats = rows({ samples: 2000, features: 48, topics: 30 });
  for (const [name, data] of [
    ['float32.npy', floats],
    ['float16.npy', halves(floats)],
  ]) {
    test(`page_and_cli_give_the_same_bytes from ${name}`, async () => {
      const path = file(name, writeNpy(data, [2000, 48]));
      const out = `${path}.out`;
      await clusterclip('cluster', path, '--out', out, '--clusters', CLUSTERS, '--seed', SEED);
      await clusterclip('sample', out, '--seed', SEED, '--clip', CLIP);
      await visit.give(path);
      await visit.run();
      for (const what of ['labels', 'centroids', 'order']) {
        sameBytes(await visit.download(what), readFileSync(join(out, `${what}.npy`)), `${what} of ${name}`);
      }
      assert.ok(!(await visit.downloads()).includes('documents'), 'rows alone have no documents to download');
    });
  }

  test('all that time the page kept to its origin and had no error', () => visit.close());
});

describe('from Parquet', () => {
  const set = stage({ webgpu: false });
  const packed = scratch();
  let visit;
  before(async () => {
    writeFileSync(join(packed, 'documents.jsonl'), jsonl(documents));
    await python('to_codecs.py', packed);
    visit = await set.visit();
    await visit.set({ clusters: CLUSTERS, seed: SEED, clip: CLIP });
  });

  for (const name of ['none', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli', 'turns']) {
    test(`page_and_cli_give_the_same_bytes from ${name}.parquet`, async () => {
      const path = join(packed, `${name}.parquet`);
      const wanted = await expected(path, 'cluster-clip');
      await visit.give(path);
      const taken = name === 'turns' ? 'Text: the turns of messages' : 'Text: text';
      assert.equal(await visit.words('taken'), taken);
      await visit.run();
      for (const what of Object.keys(wanted)) sameBytes(await visit.download(what), wanted[what], what);
    });
  }

  test('all that time the page kept to its origin and had no error', () => visit.close());
});

describe('the comparison can fail', () => {
  const set = stage({ webgpu: false });

  test('another seed gives other bytes', async () => {
    const path = file('control.jsonl', jsonl(documents.slice(0, 400)));
    const wanted = await expected(path, 'cluster-clip');
    const visit = await set.visit();
    await visit.give(path);
    await visit.set({ clusters: CLUSTERS, seed: SEED + 1, clip: CLIP });
    await visit.run();
    for (const what of ['labels', 'centroids', 'order', 'documents']) {
      const found = await visit.download(what);
      assert.throws(() => sameBytes(found, wanted[what], what), /bytes differ, the first at \d+/, what);
    }
    sameBytes(await visit.download('embeddings'), wanted.embeddings, 'embeddings know no seed');
    const labels = readNpy(await visit.download('labels'));
    assert.deepEqual([labels.type, labels.shape], ['<i4', [400]]);
    await visit.close();
  });

  test('one flipped bit is noticed', () => {
    const bytes = Buffer.from('the same bytes, but for one bit');
    const flipped = Buffer.from(bytes);
    flipped[9] ^= 1;
    sameBytes(bytes, Buffer.from(bytes), 'equal');
    assert.throws(() => sameBytes(flipped, bytes, 'flipped'), /flipped: 1 bytes differ, the first at 9/);
    assert.throws(() => sameBytes(bytes.subarray(1), bytes, 'cut'), /differ/);
    assert.throws(
      () => sameBytes(bytes.subarray(0, -2), bytes, 'short'),
      /short: 2 bytes differ, the first at 29/,
    );
  });
});
