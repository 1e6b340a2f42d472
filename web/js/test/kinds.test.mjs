// Whatever is given, a Clusterer is rejected with an error of this package, or with the reason of the signal. Its worker
// is played: it answers each call with the method's name, so that only what the page itself checks is tried.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Clusterer, InputError } from '../dist/index.js';

class Played {
  postMessage({ id, method }) {
    if (method) queueMicrotask(() => this.onmessage({ data: { id, kind: 'done', value: { method } } }));
  }
  terminate() {}
}

let clusterer;
before(async () => {
  await assert.rejects(Clusterer.create(), of('usage', /^there are no Web Workers here/));
  globalThis.Worker = Played;
  clusterer = await Clusterer.create();
});
after(() => {
  delete globalThis.Worker;
});

/** Tells an `InputError` of this kind and message. */
function of(kind, message) {
  return (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}

const stream = (start) => new ReadableStream({ start });
const failing = () => stream((controller) => controller.error(new TypeError('cut off')));

test('what_cannot_be_given_is_told_as_usage', async () => {
  const rows = new Float32Array(4);
  for (const [call, message] of [
    [() => clusterer.rows(undefined, 2), /^embeddings: float32 values/],
    [() => clusterer.run(null, {}), /^embeddings: float32 values/],
    [() => clusterer.run({ data: rows }, {}), /^embeddings: an array without a shape/],
    [() => clusterer.run(rows), /^options: an object/],
    [() => clusterer.texts(undefined), /^texts: an array of strings/],
    [() => clusterer.embed('one'), /^texts: an array of strings/],
    [() => clusterer.read('one'), /^a File, a Blob/],
    [() => clusterer.read(stream((controller) => controller.enqueue('text'))), /^a stream of bytes/],
    [() => clusterer.table('http://['), /^http:\/\/\[ is not the URL/],
    [() => clusterer.table(undefined), /^a static table: /],
    [() => clusterer.table([1]), /^a static table: /],
    [
      () => clusterer.texts([], { onProgress() {}, signal: undefined }).then(() => destroyed()),
      /was destroyed$/,
    ],
  ]) {
    await assert.rejects(call, of('usage', message));
  }
});

async function destroyed() {
  const other = await Clusterer.create();
  other.destroy();
  return other.texts([]);
}

test('a_stream_that_fails_is_told_as_io', async () => {
  const locked = failing();
  locked.getReader().closed.catch(() => {});
  await assert.rejects(clusterer.read(locked), of('usage', /being read already$/));
  await assert.rejects(clusterer.read(failing()), of('io', /^the stream cannot be read: cut off$/));
});

test('a_fetch_that_fails_is_told_as_io', async (t) => {
  const fetched = t.mock.method(globalThis, 'fetch', () => Promise.reject(new TypeError('no network')));
  const url = 'https://example.invalid/model';
  await assert.rejects(
    clusterer.table(url),
    of('io', /^https.*\/model\/config.json cannot be fetched: no network$/),
  );
  const broken = { ok: true, blob: () => Promise.reject(new TypeError('cut off')) };
  fetched.mock.mockImplementation(() => Promise.resolve(broken));
  await assert.rejects(clusterer.table(url), of('io', /cannot be fetched: cut off$/));
});

test('an_abort_stays_the_reason_of_its_signal', async (t) => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  t.mock.method(globalThis, 'fetch', () => Promise.reject(reason));
  const isReason = (error) => error === reason;
  await assert.rejects(clusterer.table('https://example.invalid/model', { signal }), isReason);
  await assert.rejects(
    clusterer.read(
      stream(() => {}),
      { signal },
    ),
    isReason,
  );
});
