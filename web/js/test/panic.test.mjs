// A panic of the core is a fault of ours, and says what it was.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import init, * as core from '../wasm/core.js';

test('a panic traps, and its text is kept for the caller, once', async () => {
  await init({ module_or_path: readFileSync(new URL('../wasm/core_bg.wasm', import.meta.url)) });
  const facts = { clusters: 1, documents: 3, nFeatures: 1, iterations: 1, objective: '0', inertia: 0 };
  const json = JSON.stringify({ ...facts, counts: [3], warnings: [], device: 'CPU' });
  const clustering = core.Clustering.fromParts(
    new Int32Array(3),
    Float32Array.of(1),
    new Int8Array(64),
    Int32Array.of(0),
    new Float32Array(3),
    json,
  );
  // Three labels for one document: the package never lets that happen.
  const documents = core.Documents.fromTexts(['one']);
  assert.equal(core.takePanic(), undefined);
  assert.throws(
    () => clustering.keywords(documents, 3, { emit() {}, cancelled: () => false }),
    WebAssembly.RuntimeError,
  );
  assert.match(core.takePanic(), /index out of bounds/);
  assert.equal(core.takePanic(), undefined);
});
