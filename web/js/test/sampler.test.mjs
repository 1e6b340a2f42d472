import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, Sampler } from '../dist/index.js';
import * as core from '../wasm/core.js';

/** Clusters of 1, 3 and 5 documents, and the order of 18 draws that the specification pins. */
const LABELS = Int32Array.of(0, 1, 1, 1, 2, 2, 2, 2, 2);
const ORDER = [0, 1, 5, 2, 4, 0, 7, 3, 6, 3, 2, 8, 6, 1, 7, 5, 8, 4];
const pinned = (more = {}) => Sampler.create({ labels: LABELS, clip: 2, documents: 18, ...more });
const rowsOf = (draws) => Array.from(draws, (draw) => draw.row);
const input = (message) => (error) => error instanceof InputError && message.test(error.message);

test('the_order_is_pinned', async () => {
  const sampler = await pinned();
  assert.deepEqual(Array.from(sampler.order(), Number), ORDER);
  assert.equal(sampler.length, 18);
  assert.equal(sampler.nDocuments, 9);
  assert.equal(sampler.clip, 2);
  assert.deepEqual(sampler.warnings, []);
  sampler.destroy();
});

test('another_seed_gives_another_order', async () => {
  const other = Array.from((await pinned({ seed: 1 })).order(), Number);
  assert.notDeepEqual(other, ORDER);
  assert.deepEqual(other.toSorted?.() ?? [...other].sort(), [...ORDER].sort());
});

test('at_iteration_fill_and_walk_agree', async () => {
  const sampler = await pinned();
  assert.deepEqual(
    ORDER.map((_, position) => sampler.at(position).row),
    ORDER,
  );
  assert.deepEqual(sampler.at(17n), sampler.at(17));
  assert.deepEqual(rowsOf(sampler), ORDER);
  assert.deepEqual(rowsOf(sampler.walk()), ORDER);

  const rows = new BigUint64Array(4);
  const clusters = new Int32Array(4);
  assert.equal(sampler.fill(1, 5, { rows, clusters }), 4);
  assert.deepEqual(
    Array.from(rows, Number),
    [1, 6, 11, 16].map((position) => ORDER[position]),
  );
  assert.deepEqual(
    [...clusters],
    [1, 6, 11, 16].map((position) => sampler.at(position).cluster),
  );
  assert.equal(sampler.fill(16, 1, { rows }), 2, 'the order ends');
  assert.equal(sampler.fill(18, 1, { rows }), 0);
});

test('sizes_and_labels_give_the_same_draws', async () => {
  const bySizes = await Sampler.create({ sizes: [1, 3, 5], clip: 2, documents: 18 });
  const byLabels = await pinned();
  const withoutRow = ({ row, ...draw }) => draw;
  assert.deepEqual(Array.from(bySizes, withoutRow), Array.from(byLabels, withoutRow));
  assert.equal(bySizes.at(0).row, null);
  assert.throws(() => bySizes.order(), input(/make it from labels/));
  assert.throws(() => bySizes.fill(0, 1, { rows: new Uint32Array(2) }), input(/make it from labels/));
});

test('a_walk_goes_on_from_its_state', async () => {
  const sampler = await pinned();
  for (let stop = 0; stop <= ORDER.length; stop++) {
    const walk = sampler.walk();
    const before = Array.from({ length: stop }, () => walk.next().value.row);
    assert.equal(walk.remaining, ORDER.length - stop);
    const state = walk.state();
    assert.equal(state, sampler.state(stop));
    const after = rowsOf((await pinned()).walk({ state }));
    assert.deepEqual([...before, ...after], ORDER);
  }
});

test('iteration_and_fill_of_one_walk_can_be_mixed', async () => {
  const walk = (await pinned()).walk();
  const first = walk.next().value.row;
  const rows = new Uint32Array(3);
  assert.equal(walk.fill({ rows }), 3);
  assert.equal(walk.skip(2), 2);
  assert.deepEqual([first, ...rows], ORDER.slice(0, 4));
  assert.deepEqual(rowsOf(walk), ORDER.slice(6));
  assert.equal(walk.skip(1), 0);
});

test('ranks_share_the_order', async () => {
  const sampler = await pinned();
  const shares = [0, 1, 2, 3].map((rank) => rowsOf(sampler.walk({ rank, worldSize: 4 })));
  const joined = ORDER.map((_, position) => shares[position % 4][Math.floor(position / 4)]);
  assert.deepEqual(joined, ORDER);
  const even = [0, 1, 2, 3].map((rank) => rowsOf(sampler.walk({ rank, worldSize: 4, dropLast: true })));
  assert.deepEqual(
    even.map((rows) => rows.length),
    [4, 4, 4, 4],
  );
});

test('one_state_resumes_any_number_of_ranks', async () => {
  const sampler = await pinned();
  const walk = sampler.walk({ rank: 1, worldSize: 2 });
  walk.next();
  walk.next();
  const state = walk.state();
  const shares = [0, 1, 2].map((rank) => rowsOf(sampler.walk({ state, rank, worldSize: 3 })));
  const joined = ORDER.slice(4).map((_, at) => shares[at % 3][Math.floor(at / 3)]);
  assert.deepEqual(joined, ORDER.slice(4));
});

test('independent_choice_is_walked', async () => {
  const options = { choice: 'independent', documents: 12, clip: 2 };
  const sampler = await pinned(options);
  const rows = rowsOf(sampler);
  assert.equal(rows.length, 12);
  assert.deepEqual(Array.from(sampler.order(), Number), rows);
  assert.notDeepEqual(rows, ORDER.slice(0, 12));
  const again = await pinned(options);
  for (const position of [0, 5, 12]) {
    assert.deepEqual(rowsOf(again.walk({ state: sampler.state(position) })), rows.slice(position));
  }
  assert.throws(() => sampler.at(3), input(/independent/));
  assert.throws(() => sampler.state(13), input(/12 draws/));
});

test('exposure_is_in_closed_form', async () => {
  const exposure = (await pinned()).exposure();
  assert.equal(exposure.draws, 18);
  assert.equal(exposure.clip, 2);
  assert.equal(exposure.coverage, 1);
  assert.deepEqual(
    exposure.clusters.map(({ cluster, size, draws }) => [cluster, size, draws]),
    [
      [0, 1, 2],
      [1, 3, 6],
      [2, 5, 10],
    ],
  );
});

test('a_budget_in_tokens_needs_counts', async () => {
  const tokenCounts = new Float64Array(9).fill(10);
  const sampler = await Sampler.create({ labels: LABELS, tokenCounts, tokens: '0.1K' });
  assert.equal(sampler.length, 10);
  await assert.rejects(Sampler.create({ sizes: [1, 3, 5], tokens: 50 }), input(/needs labels/));
  await assert.rejects(
    Sampler.create({ labels: LABELS, tokenCounts: [1, 2], tokens: 50 }),
    input(/2 of them for 9 labels/),
  );
  await assert.rejects(
    Sampler.create({ labels: LABELS, tokenCounts: tokenCounts.map(() => -1), tokens: 50 }),
    input(/tokenCounts\[0\] -1/),
  );
});

test('seeds_have_64_bits', async () => {
  const most = 2n ** 64n - 1n;
  await pinned({ seed: most });
  await assert.rejects(pinned({ seed: most + 1n }), input(/2\^64/));
  await assert.rejects(pinned({ seed: -1 }), input(/2\^64/));
  await assert.rejects(pinned({ seed: 2 ** 53 }), input(/bigint/));
  await assert.rejects(pinned({ seed: 0.5 }), input(/bigint/));
});

test('options_that_do_not_go_together_are_refused', async () => {
  await assert.rejects(pinned({ strategy: 'uniform' }), input(/clip/));
  await assert.rejects(pinned({ documents: 19 }), input(/clip/));
  await assert.rejects(pinned({ epochs: 1 }), input(/one budget/));
  await assert.rejects(pinned({ strategy: 'fair' }), input(/cluster-clip/));
  await assert.rejects(pinned({ clip: 1.5 }), input(/clip 1.5/));
  await assert.rejects(pinned({ clip: 0 }), input(/clip 0/));
  await assert.rejects(pinned({ clips: 3 }), input(/clips is no option.*clip/));
  await assert.rejects(Sampler.create({}), input(/either sizes or labels/));
  await assert.rejects(Sampler.create({ labels: LABELS, sizes: [1] }), input(/either sizes or labels/));
  await assert.rejects(Sampler.create({ labels: [0, 1] }), input(/Int32Array/));
  await assert.rejects(Sampler.create({ sizes: [1, 2.5] }), input(/sizes\[1\] 2.5/));
});

test('small_fractions_of_an_epoch_are_read', async () => {
  const sampler = await Sampler.create({ sizes: [10_000_000, 10_000_000], epochs: 1e-7 });
  assert.equal(sampler.length, 2);
});

test('positions_are_checked', async () => {
  const sampler = await pinned();
  assert.throws(() => sampler.at(18), input(/18/));
  assert.throws(() => sampler.at(-1), input(/position -1/));
  assert.throws(() => sampler.at(2n ** 60n), input(/2\^53/));
  assert.throws(() => sampler.fill(0, 1, {}), input(/at least one array/));
  assert.throws(() => sampler.walk({ rank: 2, worldSize: 2 }), input(/rank/));
  assert.throws(() => sampler.walk({ state: '{}' }), input(/version/));
});

test('walks_that_nobody_holds_are_given_back_at_once', async (context) => {
  const sampler = await pinned();
  const independent = await pinned({ choice: 'independent', documents: 12 });
  const opened = context.mock.method(core.Sampler.prototype, 'walk').mock;
  const freed = context.mock.method(core.Walk.prototype, 'free').mock;
  const held = () => opened.calls.filter(({ error }) => error === undefined).length;
  const kept = () => held() - freed.callCount();

  sampler.state(5);
  independent.state(5);
  assert.throws(() => sampler.state(19));
  assert.throws(() => independent.state(13));
  assert.equal(rowsOf(sampler).length, ORDER.length);
  for (const { row } of sampler) if (row === ORDER[3]) break;
  assert.ok(held() >= 7, `${held()} walks`);
  assert.equal(kept(), 0);

  const walk = sampler.walk();
  walk.next();
  walk.state();
  assert.equal(kept(), 1, "a walk that was asked for is the caller's");
  walk.destroy();
  assert.equal(kept(), 0);
});

test('what_was_destroyed_says_so', async () => {
  const sampler = await pinned();
  const walk = sampler.walk();
  sampler.destroy();
  sampler.destroy();
  assert.throws(() => sampler.at(0), input(/destroyed/));
  assert.equal(walk.next().value.row, ORDER[0], 'a walk lives on');
  walk.destroy();
  walk.destroy();
  assert.throws(() => walk.remaining, input(/destroyed/));
});
