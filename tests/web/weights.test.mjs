// Weights on the page: the bytes of the command line, a table by groups, topics in a sentence.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { sameBytes } from './lib/bytes.mjs';
import { clusterclip } from './lib/cli.mjs';
import { corpus, jsonl, rows } from './lib/corpora.mjs';
import { writeNpy } from './lib/npy.mjs';
import { artifacts, scratch } from './lib/places.mjs';
import { stage } from './lib/stage.mjs';

const CLUSTERS = 24;
const folder = scratch();

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A weight for each cluster, and a clip for some. */
const list = file(
  'weights.csv',
  `cluster,weight,clip\n${Array.from({ length: CLUSTERS }, (_, cluster) =>
    [cluster, cluster % 5 === 0 ? 0 : 1 + (cluster % 7) / 3, cluster % 3 === 0 ? 2 : ''].join(','),
  ).join('\n')}\n`,
);

const order = (out) => readFileSync(join(out, 'order.npy'));

describe('rows that carry meaning', () => {
  const set = stage({ webgpu: false });
  const out = join(folder, 'rows');
  const path = file('rows.npy', writeNpy(rows({ samples: 2000, features: 48, topics: 30 }), [2000, 48]));
  let visit;

  before(async () => {
    await clusterclip('cluster', path, '--out', out, '--clusters', CLUSTERS);
    visit = await set.visit();
    await visit.give(path);
    await visit.set({ clusters: CLUSTERS });
    await visit.run();
  });

  const CASES = [
    ['what suits the rows', {}, []],
    ['equal', { weights: 'equal' }, ['--weights', 'equal']],
    [
      'density, softened',
      { weights: 'density', temperature: 2 },
      ['--weights', 'density', '--temperature', 2],
    ],
    ['groups', { weights: 'groups', groups: 5 }, ['--weights', 'groups', '--groups', 5]],
    ['size', { weights: 'size' }, ['--weights', 'size']],
    ['unimax', { strategy: 'unimax' }, ['--strategy', 'unimax']],
    ['a file', { weights: 'file' }, ['--weights', list]],
  ];
  for (const [name, options, more] of CASES) {
    test(`page_and_cli_give_the_same_order with weights: ${name}`, async () => {
      await clusterclip('sample', out, ...more, '--force');
      await visit.set({ strategy: 'cluster-clip', weights: 'default', groups: null, ...options });
      if (options.weights === 'file') await visit.hook('weights-file').setInputFiles(list);
      await visit.idle();
      assert.equal(await visit.words('error'), '');
      sameBytes(await visit.download('order'), order(out), name);
    });
  }

  test('topics are told, and that density draws more of them than equal weights', async () => {
    const topics = async (weights) => {
      await visit.set({ strategy: 'cluster-clip', weights });
      const [, own, equal, random] = (await visit.words('topics')).match(
        /as evenly as ([\d.]+) topics.*equal weights ([\d.]+), at random ([\d.]+)/,
      );
      return [own, equal, random].map(Number);
    };
    const [density, equal, random] = await topics('density');
    assert.ok(density > equal && density > random, `${density}, ${equal}, ${random}`);
    assert.deepEqual(await topics('equal'), [equal, equal, random]);
    await visit.set({ strategy: 'random' });
    assert.match(await visit.words('topics'), /nothing in common \(at random/);
    assert.ok(await visit.hook('weights').isDisabled(), 'random has no weights');
    await visit.set({ strategy: 'cluster-clip' });
  });

  test('groups are the first level of the table', async () => {
    const table = visit.hook('clusters-table');
    await visit.set({ weights: 'groups', groups: 4 });
    await table.locator('tbody').nth(3).waitFor();
    assert.equal(await table.locator('tbody').count(), 4);
    assert.equal(await table.locator('tbody tr').count(), CLUSTERS, 'and each cluster has its row');
    const said = await table.locator('th.group').allTextContents();
    assert.equal(said.length, 5, 'the head, and four groups');
    const clusters = said.slice(1).map((text) => Number.parseInt(text, 10));
    assert.equal(
      clusters.reduce((sum, count) => sum + count),
      CLUSTERS,
    );
    await visit.page.setViewportSize({ width: 1280, height: 1400 });
    await visit.page.screenshot({ path: join(artifacts(), 'groups.png'), fullPage: true });
    await visit.set({ weights: 'default', groups: null });
    await table.locator('tbody').nth(1).waitFor({ state: 'detached' });
  });

  test('what of weights cannot be is said, and mends itself', async () => {
    await visit.set({ weights: 'density', temperature: 'warm' });
    assert.match(await visit.words('error'), /Temperature: a number is wanted, not “warm”/);
    await visit.set({ temperature: 0 });
    assert.match(await visit.words('error'), /temperature/i);
    await visit.set({ temperature: null, weights: 'groups', groups: 25 });
    assert.match(await visit.words('error'), /groups 25: must be from 1 to 24/);
    const bad = file('bad.csv', 'cluster,weight\n0,1\n1,heavy\n');
    await visit.set({ groups: null, weights: 'file' });
    await visit.hook('weights-file').setInputFiles(bad);
    await visit.idle();
    assert.match(await visit.words('error'), /bad\.csv:3: .*weight.*heavy/);
    const short = file('short.jsonl', '{"cluster": 0, "weight": 1}\n');
    await visit.hook('weights-file').setInputFiles(short);
    await visit.idle();
    assert.match(await visit.words('error'), /no weight/);
    await visit.set({ weights: 'default' });
    assert.equal(await visit.words('error'), '');
  });

  test('all that time the page kept to its origin and had no error', () => visit.close());
});

describe('rows of words', () => {
  const set = stage({ webgpu: false });
  const out = join(folder, 'words');
  const path = file('documents.jsonl', jsonl(corpus({ documents: 700 })));

  test('weights are equal unless asked for, tokens are shared evenly, and nothing is said of topics', async () => {
    const visit = await set.visit();
    await visit.give(path);
    await visit.set({ 'token-field': 'n_tokens' });
    await visit.set({ clusters: CLUSTERS });
    await visit.run();
    const common = ['--out', out, '--clusters', CLUSTERS, '--token-field', 'n_tokens', '--force'];
    for (const [options, more] of [
      [{}, []],
      [{ 'even-in': 'tokens' }, ['--even-in', 'tokens']],
      [{ weights: 'density' }, ['--even-in', 'tokens', '--weights', 'density']],
    ]) {
      await clusterclip('run', path, ...common, ...more);
      await visit.set(options);
      sameBytes(await visit.download('order'), order(out), more.join(' '));
      assert.equal(await visit.words('topics'), '');
    }
    await visit.close();
  });
});
