import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError, Sampler } from '../dist/index.js';

const refused = (kind, message) => (error) =>
  error instanceof InputError && error.kind === kind && message.test(error.message);

/** Orders of an independent implementation; seeds are larger than numbers hold. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../core/tests/vectors/weights.json', import.meta.url), 'utf8').replace(
    /"seed":\s*(\d+)/g,
    '"seed": "$1"',
  ),
);

const LABELS = Int32Array.of(0, 1, 1, 1, 2, 2, 2, 2, 2);
const listed = (...weights) => weights.map((weight, cluster) => ({ cluster, weight }));

test('orders_with_weights_are_those_of_an_independent_implementation', async () => {
  for (const { labels, weights, clip, clips, budget, seed, scores, order, ...more } of vectors.orders) {
    const { strategy, choice, raise_clip } = more;
    const sampler = await Sampler.create({
      labels: Int32Array.from(labels),
      weights:
        weights &&
        Object.entries(weights).map(([cluster, weight]) => ({
          cluster: Number(cluster),
          weight,
          clip: clips?.[cluster],
        })),
      ...{ clip, strategy, choice, documents: budget, seed: BigInt(seed) },
      ...(raise_clip ? { whenExhausted: 'raise-clip' } : {}),
      ...(scores ? { scores: scores.map((score) => score ?? Number.NaN), within: 'score' } : {}),
    });
    assert.deepEqual(Array.from(sampler.order(), Number), order, JSON.stringify(more));
    sampler.destroy();
  }
  assert.ok(vectors.orders.length > 20);
});

test('weights_are_told_with_their_reason', async () => {
  const exposed = async (more) => (await Sampler.create({ labels: LABELS, ...more })).exposure();
  const own = await exposed({});
  assert.deepEqual(own.weights, {
    rule: 'equal',
    temperature: null,
    groups: null,
    evenIn: 'documents',
    why: 'labels',
  });
  assert.equal(own.topics, null);
  const bySize = await exposed({ weights: 'size', temperature: 1, strategy: 'uniform' });
  assert.deepEqual([bySize.weights.rule, bySize.weights.temperature], ['size', 1]);
  const share = (cluster) => bySize.clusters[cluster].weight;
  assert.ok(Math.abs(share(2) / share(0) - 5) < 1e-6, 'a temperature of 1 draws as random does');
  const left = await exposed({ weights: listed(0, 1, 1) });
  assert.deepEqual([left.weights.rule, left.documents], ['file', 8]);
  assert.deepEqual(
    left.clusters.map(({ cluster }) => cluster),
    [1, 2],
    'a weight of 0 leaves a cluster out',
  );
  assert.equal((await exposed({ strategy: 'random' })).weights, null);
});

test('tokens_are_shared_evenly_where_that_is_asked', async () => {
  const tokenCounts = [40, 10, 10, 10, 10, 10, 10, 10, 10];
  const sampler = await Sampler.create({ labels: LABELS, tokenCounts, evenIn: 'tokens', documents: 9 });
  const [long, short] = sampler.exposure().clusters;
  assert.ok(Math.abs(short.weight / long.weight - 4) < 1e-6);
  await assert.rejects(
    Sampler.create({ labels: LABELS, evenIn: 'tokens' }),
    refused('input', /row 0 .*tokenCounts/),
  );
  await assert.rejects(Sampler.create({ sizes: [1, 2], evenIn: 'tokens' }), refused('usage', /evenIn/));
});

test('weights_that_cannot_be_are_named', async () => {
  const of = (weights, more = {}) => Sampler.create({ labels: LABELS, weights, ...more });
  const cases = [
    [of('density'), 'usage', /weights density: compares the centroids .* use equal, size or a list/],
    [of('heavy'), 'usage', /weights heavy: unknown; use equal, size, density or groups/],
    [of(listed(1, 2)), 'input', /cluster 2 has 5 documents and no weight/],
    [of(listed(1, -1, 1)), 'input', /row 1: cluster 1 has -1; a weight is a finite number/],
    [of(listed(1, Number.NaN, 1)), 'input', /row 1: cluster 1 has NaN/],
    [of(listed(0, 0, 0)), 'input', /weight/],
    [of(listed(1, 1, 1, 1)), 'input', /names cluster 3; there are 3 clusters/],
    [of([...listed(1, 1, 1), { cluster: 0, weight: 1 }]), 'input', /row 3 names cluster 0, as row 0 does/],
    [of(undefined, { temperature: 2 }), 'usage', /temperature 2: is for weights size and density only/],
    [of('size', { temperature: 0 }), 'usage', /temperature/],
    [of('equal', { groups: 2 }), 'usage', /groups 2: is for weights groups only/],
    [of('equal', { strategy: 'random' }), 'usage', /weights equal: does not go with strategy random/],
    [of(listed(1, 1, 1), { strategy: 'random' }), 'usage', /does not go with strategy random/],
    [of(undefined, { within: 'score' }), 'usage', /within score: the documents need scores/],
    [of(undefined, { within: 'score', scores: [1] }), 'input', /scores: 1 of them for 9 labels/],
  ];
  for (const [made, kind, message] of cases) await assert.rejects(made, refused(kind, message));
});
