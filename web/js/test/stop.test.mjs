// Slow work of the core asks its watch whether to stop, and stops.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import init, * as core from '../wasm/core.js';

const N = 200;
const SILENT = { emit() {}, cancelled: () => false };
const STOPPED = { emit() {}, cancelled: () => true };
const interrupted = { kind: 'cancelled', message: 'interrupted' };
const tokens = new Float64Array(N).fill(10);

let [clustering, documents] = [];
before(async () => {
  await init({ module_or_path: readFileSync(new URL('../wasm/core_bg.wasm', import.meta.url)) });
  documents = core.Documents.fromTexts(Array.from({ length: N }, (_, row) => `text ${row}`));
  const rows = Float32Array.from({ length: 2 * N }, (_, at) => Math.sin(at + 1));
  clustering = core.Embeddings.fromRows(rows, 2, undefined, SILENT).cluster('{"clusters":4}', SILENT);
});

/** An order with a budget in tokens. */
const sampler = (watch) =>
  core.Sampler.fromLabels(clustering.labels(), '{"tokens":"900"}', tokens, undefined, watch);

test('assignments of documents and of rows', () => {
  assert.throws(() => clustering.assignmentsCsv(documents, STOPPED), interrupted);
  assert.throws(() => clustering.rowsCsv('rows', STOPPED), interrupted);
  for (const csv of [clustering.assignmentsCsv(documents, SILENT), clustering.rowsCsv('rows', SILENT)]) {
    assert.equal(Buffer.from(csv).toString().split('\n').length, N + 2);
  }
});

test('a budget in tokens', () => {
  assert.throws(() => sampler(STOPPED), interrupted);
  assert.equal(sampler(SILENT).length, 90);
});

test('the order and its lines', () => {
  assert.throws(() => sampler(SILENT).orderNpy(STOPPED), interrupted);
  assert.throws(() => sampler(SILENT).lines(clustering.labels(), documents, STOPPED), interrupted);
  const lines = sampler(SILENT).lines(clustering.labels(), documents, SILENT);
  const bytes = Buffer.from(lines.next(documents, 1 << 20));
  assert.equal(bytes.toString().trimEnd().split('\n').length, 90);
  assert.equal(lines.next(documents, 1 << 20), undefined);
});
