// What a person drops on the page is read and counted, or refused with words that help.

import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { corpus, jsonl, lines, rows, table } from './lib/corpora.mjs';
import { halves, writeNpy } from './lib/npy.mjs';
import { scratch } from './lib/places.mjs';
import { stage } from './lib/stage.mjs';

const DOCUMENTS = 300;
const folder = scratch();
const set = stage({ webgpu: false });
const documents = corpus({ documents: DOCUMENTS });
const shape = [DOCUMENTS, 16];
const floats = rows({ samples: DOCUMENTS, features: 16, topics: 5 });

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

let visit;
before(async () => {
  visit = await set.visit();
});

const FILES = {
  'documents.jsonl': jsonl(documents),
  'documents.ndjson': jsonl(documents),
  'documents.csv': table(documents, ','),
  'documents.tsv': table(documents, '\t'),
  'documents.txt': lines(documents),
  'documents.jsonl.gz': gzipSync(jsonl(documents)),
  'rows_of_float32.npy': writeNpy(floats, shape),
  'rows_of_float16.npy': writeNpy(halves(floats), shape),
};

describe('every format is read and counted', () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    test(name, async () => {
      await visit.give(file(name, bytes));
      assert.equal(await visit.words('error'), '');
      const summary = await visit.words('summary');
      assert.match(summary, /\b300\b/, 'the summary counts the rows');
      if (/jsonl|ndjson|csv|tsv/.test(name)) {
        for (const field of ['id', 'text', 'n_tokens'])
          assert.ok(summary.includes(field), `${field} in: ${summary}`);
      }
      assert.ok(await visit.hook('run').isEnabled(), 'what was read can be run');
      assert.equal(await visit.hook('clusters').getAttribute('placeholder'), '17 (√n)');
      assert.deepEqual(await visit.downloads(), [], 'nothing is there to download before a run');
    });
  }

  for (const place of ['[data-testid="file"] >> xpath=..', 'h1', 'footer']) {
    test(`a file that is dropped on ${place}`, async () => {
      await visit.give(file('documents.jsonl', jsonl(documents)));
      await visit.drop(file('dropped.jsonl', jsonl(documents.slice(0, 123))), place);
      assert.equal(await visit.words('error'), '');
      assert.match(await visit.words('summary'), /\b123\b/);
    });
  }
});

describe('fields are chosen', () => {
  const poems = documents
    .map(({ id, text }) => `${JSON.stringify({ key: id, body: text, text: 'same' })}\n`)
    .join('');

  const SAME = /299 documents have the same text/;

  test('a change of the text field reads the file again', async () => {
    await visit.give(file('poems.jsonl', poems));
    assert.match(await visit.everything(), SAME);
    await visit.set({ 'text-field': 'body', 'id-field': 'key' });
    assert.equal(await visit.words('error'), '');
    assert.doesNotMatch(await visit.everything(), SAME);
    await visit.set({ 'text-field': null, 'id-field': null });
  });

  test('a field that is not there is named, with those that are', async () => {
    await visit.give(file('poems.jsonl', poems));
    await visit.set({ 'text-field': 'verse' });
    const error = await visit.words('error');
    assert.match(error, /verse/);
    assert.match(error, /body/);
    await visit.set({ 'text-field': null });
    assert.equal(await visit.words('error'), '');
  });
});

describe('what cannot be read is refused', () => {
  const good = jsonl(documents).split('\n');
  const broken = [...good.slice(0, 41), '{"text": "no end', ...good.slice(41)].join('\n');
  const whole = writeNpy(floats, shape);
  const REFUSED = [
    ['broken.jsonl', broken, /broken\.jsonl:42\b/, 'a bad record by its line'],
    ['binary.jsonl', Buffer.from([1, 2, 0, 3, 255]), /binary\.jsonl.*binary/s, 'binary data'],
    ['empty.jsonl', '', /empty\.jsonl.*empty/s, 'an empty file'],
    ['cut.npy', whole.subarray(0, whole.length - 100), /cut\.npy.*bytes/s, 'a .npy that is cut short'],
    ['whole.npy', writeNpy(new Uint16Array(12), [12]), /whole\.npy.*shape/s, 'a .npy of another shape'],
    ['damaged.txt.gz', gzipSync(lines(documents)).subarray(0, 900), /damaged\.txt\.gz/, 'a damaged .gz'],
    [
      'none.parquet',
      Buffer.from('PAR1 and no more'),
      /none\.parquet is cut off/,
      'a Parquet file that is cut off',
    ],
    ['picture.png', Buffer.from('\x89PNG\r\n', 'latin1'), /picture\.png/, 'another kind of file'],
  ];
  for (const [name, bytes, pattern, what] of REFUSED) {
    test(what, async () => {
      await visit.give(file(name, bytes));
      assert.match(await visit.words('error'), pattern);
      assert.ok(await visit.hook('run').isDisabled(), 'there is nothing to run');
    });
  }

  test('bad records are skipped, counted and keep their numbers where that is asked for', async () => {
    await visit.give(file('broken.jsonl', broken));
    await visit.set({ 'skip-bad': true });
    assert.equal(await visit.words('error'), '');
    const summary = await visit.words('summary');
    assert.match(summary, /\b301\b/);
    assert.match(summary, /1 bad record skipped/);
    assert.match(await visit.everything(), /the first bad record: broken\.jsonl:42\b/);
    await visit.set({ 'skip-bad': false });
    assert.match(await visit.words('error'), /broken\.jsonl:42\b/);
  });

  test('more documents than the page holds, with the command that would do it', async () => {
    await visit.give(file('many.txt', 'one more line\n'.repeat(100_001)));
    const error = await visit.words('error');
    assert.match(error, /many\.txt holds more than the 100[ ,]?000 documents/);
    assert.match(await visit.words(), /clusterclip run many\.txt --out \S+ --lines/);
  });

  test('more bytes than the page holds, with the command that would do it', async () => {
    const path = file('huge.jsonl', '');
    truncateSync(path, 513 * 1024 * 1024);
    await visit.give(path);
    assert.match(await visit.words('error'), /huge\.jsonl holds more than the (512 MiB|536870912 bytes)/);
    assert.match(await visit.words(), /clusterclip run huge\.jsonl --out /);
  });

  test('a good file after all that is read', async () => {
    await visit.give(file('documents.jsonl', jsonl(documents)));
    assert.equal(await visit.words('error'), '');
    assert.match(await visit.words('summary'), /\b300\b/);
    assert.ok(await visit.hook('run').isEnabled());
  });
});

test('all that time the page kept to its origin and had no error', () => visit.close());
