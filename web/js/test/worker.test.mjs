// What a worker holds, without the worker: a GPU that fails is played.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { InputError } from '../dist/index.js';
import { loadCore } from '../dist/wasm.js';
import { ModelRoom } from '../dist/worker/models.js';
import { Session } from '../dist/worker/session.js';

let core;
before(async () => {
  core = await loadCore(readFileSync(new URL('../wasm/core_bg.wasm', import.meta.url)));
});

/** Clusters with a GPU that fails with an error of this kind; gives the result and what was told. */
async function clusteredAfter(kind, choice = 'auto') {
  const gpu = {
    choose: async () => ({ kind: 'gpu', name: 'played' }),
    cluster: () => Promise.reject(Object.assign(new Error('it failed'), { kind })),
  };
  const session = new Session(core.core, core.memory, gpu, new ModelRoom(undefined));
  const told = [];
  const watch = { emit: (event) => told.push(JSON.parse(event)), cancelled: () => false, check() {} };
  const { id } = session.rows(watch, Float32Array.of(1, 0, 0, 1), 2);
  const { value } = await session.cluster(watch, id, '{"clusters":2}', choice);
  return { value, warnings: told.filter(({ type }) => type === 'warning') };
}

test('the_cpu_helps_when_the_gpu_fails_or_its_module_traps', async () => {
  for (const kind of ['device', 'internal', undefined]) {
    const { value, warnings } = await clusteredAfter(kind);
    assert.equal(value.device.kind, 'cpu');
    assert.match(warnings[0].text, /^The GPU failed, so the CPU does the work: it failed$/);
    await assert.rejects(clusteredAfter(kind, 'gpu'), /^Error: it failed$/);
  }
});

test('the_cpu_is_no_help_for_other_errors', async () => {
  for (const kind of ['usage', 'input', 'io', 'memory', 'cancelled']) {
    await assert.rejects(clusteredAfter(kind), { kind, message: 'it failed' });
  }
});

test('a_budget_in_tokens_of_documents_names_the_field_they_are_read_with', async () => {
  const session = new Session(core.core, core.memory, { choose: async () => ({ kind: 'cpu' }) }, undefined);
  const watch = { emit() {}, cancelled: () => false, check() {} };
  const { id } = session.texts(watch, ['one text', 'two texts', 'three']);
  await session.cluster(watch, id, '{"clusters":1}', 'cpu');
  assert.throws(() => session.order(watch, id, '{"tokens":"5"}'), /give counts with tokenField, or use/);
});

test('an_order_by_score_needs_scores', async () => {
  const session = new Session(core.core, core.memory, { choose: async () => ({ kind: 'cpu' }) }, undefined);
  const watch = { emit() {}, cancelled: () => false, check() {} };
  const order = async (settings) => {
    const lines = [0.2, 0.9, 0.5].map((quality) => JSON.stringify({ text: 'the same text', quality }));
    const input = new Blob([`${lines.join('\n')}\n`]);
    const { id } = await session.read(watch, input, { name: 'a.jsonl', format: 'auto', ...settings });
    await session.cluster(watch, id, '{"clusters":1}', 'cpu');
    return session.order(watch, id, '{"within":"score"}').value.order;
  };
  assert.deepEqual(Array.from(await order({ scoreField: 'quality' }), Number), [1, 2, 0]);
  await assert.rejects(order({}), { kind: 'usage', message: /need scores; give them with scoreField/ });
});

test('a_file_of_a_model_that_cannot_be_read_is_told_as_io', async () => {
  const gone = { arrayBuffer: () => Promise.reject(new DOMException('it is gone', 'NotReadableError')) };
  const files = { config: undefined, modules: undefined, tokenizer: gone, weights: gone };
  await assert.rejects(new ModelRoom(undefined).load({ check() {} }, files), (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.equal(error.kind, 'io');
    assert.equal(error.message, 'the tokenizer of the model cannot be read: it is gone');
    return true;
  });
});
