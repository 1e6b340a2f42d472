import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FILE_ENDS, formatOf } from '../dist/index.js';

test('names_tell_formats_in_any_case_packed_or_not', () => {
  const named = {
    'a.jsonl': 'jsonl',
    'A.NDJSON.GZ': 'jsonl',
    'b.c.csv': 'csv',
    'd.Text': 'lines',
    'e.npy.gz': 'npy',
    'f.json': 'json',
    'g.parquet': 'parquet',
  };
  for (const [name, format] of Object.entries(named)) assert.equal(formatOf(name), format, name);
  for (const name of ['csv', 'csv.gz', 'a.gz', 'a.zst', 'a.constructor', '', '.']) {
    assert.equal(formatOf(name), undefined, name);
  }
});

test('every_end_that_can_be_read_tells_a_format_or_is_that_of_the_packing', () => {
  assert.ok(FILE_ENDS.includes('.text'));
  assert.deepEqual(
    FILE_ENDS.filter((end) => formatOf(`name${end}`) === undefined),
    ['.gz'],
  );
});
