// Errors say of what kind they are, and speak of options as JavaScript writes them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, readNpy, Sampler } from '../dist/index.js';

const labels = Int32Array.of(0, 1, 1, 1, 2, 2, 2, 2, 2);

/** The error of a call that must fail. */
const errorOf = (call) =>
  Promise.resolve()
    .then(call)
    .then(
      () => assert.fail('this must fail'),
      (error) => error,
    );

test('wrong_options_are_of_another_kind_than_data_that_do_not_fit', async () => {
  const sampler = await Sampler.create({ labels });
  for (const [kind, call, message] of [
    ['usage', () => Sampler.create({ labels, clip: 0 }), /^clip 0: must be from 1 to 65536$/],
    ['usage', () => Sampler.create({ labels, seed: -1 }), /^seed -1: /],
    ['usage', () => Sampler.create({ labels, clips: 3 }), /clips is no option/],
    ['usage', () => Sampler.create({ sizes: [1], tokens: 50 }), /needs labels/],
    ['usage', () => Sampler.create(), /^options: /],
    ['usage', () => sampler.walk({ rank: 2, worldSize: 2 }), /^rank 2 of worldSize 2: ranks are numbered/],
    ['input', () => Sampler.create({ labels, epochs: 6 }), /^epochs 6: the order ends after 45 draws/],
    ['input', () => Sampler.create({ labels: Int32Array.of(-2) }), /^row 0: label -2/],
    ['input', () => sampler.at(9), /^position 9/],
    ['input', () => readNpy(Uint8Array.of(1, 2, 3)), /NUMPY/],
  ]) {
    const error = await errorOf(call);
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    assert.equal(error.kind, kind, error.message);
  }
});

test('messages_name_options_as_they_are_written_here', async () => {
  const beyond = await errorOf(() => Sampler.create({ labels, clip: 2, documents: 19 }));
  assert.equal(
    beyond.message,
    'documents 19: the order ends after 18 draws, because each of the 9 clustered documents is drawn at most 2 times ' +
      '(cluster-clip); ask for at most documents 18 or epochs 2, raise clip, or use whenExhausted raise-clip',
  );
  const uncounted = await errorOf(() => Sampler.create({ labels, tokens: 5 }));
  assert.match(uncounted.message, /^tokens: row 0 has no token count; give counts with tokenCounts, or use/);
  const unknown = await errorOf(() => Sampler.create({ labels, whenExhausted: 'later' }));
  assert.equal(unknown.message, 'whenExhausted later: unknown; use error or raise-clip');
  const { warnings } = await Sampler.create({ labels, clip: 5 });
  assert.deepEqual(warnings, [
    'clip 5 never acts at this budget: the order of 9 draws ends before any cluster is left out',
  ]);
});
