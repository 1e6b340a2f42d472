// Equality of bytes, with a message that says how much differs, and where.

import assert from 'node:assert/strict';

/** Fails unless both hold the same bytes. */
export function sameBytes(actual, expected, what) {
  if (Buffer.compare(actual, expected) === 0) return;
  const shared = Math.min(actual.length, expected.length);
  let [different, first] = [Math.abs(actual.length - expected.length), shared];
  for (let at = shared - 1; at >= 0; at--) {
    if (actual[at] === expected[at]) continue;
    different += 1;
    first = at;
  }
  const near = (bytes) => Buffer.from(bytes.subarray(first, first + 16)).toString('hex') || 'the end';
  assert.fail(
    `${what}: ${different} bytes differ, the first at ${first}: ${near(actual)} here, ${near(expected)} expected; ` +
      `${actual.length} bytes here, ${expected.length} expected`,
  );
}
