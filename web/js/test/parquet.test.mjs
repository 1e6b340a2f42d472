// Parquet, as the worker reads it: rows as JSON lines, and documents of these.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

import { InputError, MemoryError } from '../dist/index.js';
import { loadCore } from '../dist/wasm.js';
import { readParquet } from '../dist/worker/parquet/read.js';
import { decimal, float, float16, float32, instant } from '../dist/worker/parquet/spelled.js';
import { Session } from '../dist/worker/session.js';

const watch = { emit() {}, cancelled: () => false, check() {} };
const settings = { name: 'a.parquet', maxDocuments: 1000, maxBytes: 1 << 20 };

let session;
before(async () => {
  const core = await loadCore(readFileSync(new URL('../wasm/core_bg.wasm', import.meta.url)));
  session = new Session(core.core, core.memory, undefined, undefined);
});

/** Reads a file as the page does: what was found, and the documents. */
async function read(bytes, options = {}) {
  const { id, summary } = await session.read(watch, new Blob([bytes]), {
    name: 'a.parquet',
    format: 'auto',
    ...options,
  });
  const rows = Array.from({ length: summary.documents }, (_, row) => row);
  return { summary, documents: session.documents(watch, id, rows, 1000) };
}

/** The lines that rows become, all columns wanted or those that are named. */
async function lines(bytes, wanted) {
  let said = '';
  const begin = (example) => ({
    wanted: () => wanted ?? Object.keys(JSON.parse(example)),
    push: (piece) => {
      said += new TextDecoder().decode(piece);
    },
    finish() {},
    free() {},
  });
  await readParquet(begin, new Blob([bytes]), settings, watch);
  return said.trimEnd().split('\n');
}

const column = (name, data, type) => ({ name, data, type });
const TEXTS = ['one', 'zwei "2"\n\\', '', '三\u0000', 'e\u0301🙂'];
const written = (columnData, options) => parquetWriteBuffer({ columnData, ...options });
const texts = (options) => written([column('text', TEXTS, 'STRING')], options);

/** A frame of zstd, and a block of lz4, that hold bytes as they are. */
const zstd = (bytes) => {
  const block = (bytes.length << 3) | 1;
  const size = [bytes.length & 255, (bytes.length >> 8) & 255, 0, 0];
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...size, block & 255, (block >> 8) & 255, 0, ...bytes);
};
const lz4 = (bytes) => {
  if (bytes.length < 15) return Uint8Array.of(bytes.length << 4, ...bytes);
  const rest = bytes.length - 15;
  return Uint8Array.of(0xf0, ...new Array(Math.floor(rest / 255)).fill(255), rest % 255, ...bytes);
};
const CODECS = {
  UNCOMPRESSED: undefined,
  SNAPPY: undefined,
  GZIP: gzipSync,
  BROTLI: brotliCompressSync,
  ZSTD: zstd,
  LZ4_RAW: lz4,
};

describe('documents', () => {
  for (const [codec, pack] of Object.entries(CODECS)) {
    test(`the_same_texts_come_out_of_pages_packed_by ${codec}`, async () => {
      const compressors = pack && { [codec]: (bytes) => new Uint8Array(pack(bytes)) };
      const { summary, documents } = await read(texts({ codec, compressors, rowGroupSize: 2 }));
      assert.deepEqual(
        documents.map(({ text }) => text),
        TEXTS,
      );
      assert.deepEqual(
        documents.map(({ id }) => id),
        TEXTS.map((_, row) => `a.parquet:${row}`),
      );
      assert.deepEqual([summary.taken, summary.fields], ['`text`', ['text']]);
    });
  }

  test('columns_settle_what_the_text_is_and_only_those_are_read', async () => {
    const bytes = written(
      [
        column('instruction', ['Add.', 'Sing.'], 'STRING'),
        column('input', ['1 + 1', null], 'STRING'),
        column('output', ['2', 'La.'], 'STRING'),
        column('id', [2n ** 62n, 7n], 'INT64'),
        column('n', [3, 1], 'DOUBLE'),
        { ...column('other', ['x', 'y'], 'STRING'), codec: 'LZO' },
      ],
      { compressors: { LZO: (bytes) => bytes } },
    );
    const { summary, documents } = await read(bytes, { tokenField: 'n' });
    assert.deepEqual(
      documents.map(({ id, text }) => [id, text]),
      [
        ['4611686018427387904', 'Add.\n1 + 1\n2'],
        ['7', 'Sing.\nLa.'],
      ],
    );
    assert.equal(summary.taken, '`instruction` + `input` + `output`');
    assert.equal(summary.tokens, 4);
    assert.equal(summary.fields.length, 6);
    await assert.rejects(
      read(bytes, { textField: 'other' }),
      /a\.parquet: the column `other` is packed by LZO/,
    );
  });

  test('conversations_and_paths_are_read', async () => {
    const schema = [
      { name: 'root', num_children: 2 },
      { name: 'messages', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'role', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'content', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'meta', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'title', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ];
    const turns = [
      { role: 'user', content: '1+1?' },
      { role: 'assistant', content: '2' },
    ];
    const bytes = written(
      [column('messages', [turns, [turns[1]]]), column('meta', [{ title: 'a' }, { title: 'b' }])],
      { schema },
    );
    const found = await read(bytes);
    assert.deepEqual(
      found.documents.map(({ text }) => text),
      ['1+1?\n2', '2'],
    );
    assert.equal(found.summary.taken, 'the turns of `messages`');
    const titles = await read(bytes, { textField: 'meta.title' });
    assert.deepEqual(
      titles.documents.map(({ text }) => text),
      ['a', 'b'],
    );
    await assert.rejects(read(bytes, { textField: 'meta' }), /the field `meta` holds an object/);
    await assert.rejects(
      read(bytes, { textField: 'title' }),
      /`messages` \(an array\), `meta` \(an object\)/,
    );
  });

  test('a_text_that_is_none_is_a_bad_record_by_its_row', async () => {
    const latin = [new TextEncoder().encode('fine'), Uint8Array.of(0x66, 0xfc, 0x72)];
    const bytes = written([column('text', latin, 'BYTE_ARRAY')]);
    await assert.rejects(read(bytes), /a\.parquet: row 1: .*UTF-8/);
    const { summary } = await read(bytes, { onBadRecord: 'skip' });
    // A row that is skipped keeps its number.
    assert.deepEqual([summary.documents, summary.badRecords], [2, 1]);
  });
});

describe('values', () => {
  test('numbers_and_times_are_spelled_as_the_command_line_spells_them', () => {
    const floats = [0, -0, 1, 12, 0.1, 1e15, 1e16, 123456.789, 1e-4, 9.9e-5, 5e-324, Number.NaN, -1e300];
    assert.deepEqual(
      floats.map((value) => float(value)),
      '0.0 -0.0 1.0 12.0 0.1 1000000000000000.0 1e16 123456.789 0.0001 9.9e-5 5e-324 null -1e300'.split(' '),
    );
    assert.deepEqual(
      [0.1, 1.5, 3.4028234663852886e38, 16777216].map((value) => float32(Math.fround(value))),
      ['0.1', '1.5', '3.4028235e38', '16777216.0'],
    );
    assert.deepEqual([float16([0, 0x3e]), float16([1, 0]), float16([0, 0xfc])], [1.5, 2 ** -24, -Infinity]);
    assert.deepEqual(
      [decimal(-5n, 2), decimal(1234n, 2), decimal(7n, 0), decimal(7n, -2)],
      ['-0.05', '12.34', '7', '700'],
    );
    assert.deepEqual(
      [
        instant(-1n, 1000n, 'instant'),
        instant(86_400n, 1_000_000_000n, 'civil'),
        instant(-1n, 86_400_000_000_000n, 'date'),
        instant(3_600_500n, 1_000_000n, 'time'),
        instant(2n ** 62n, 1000n, 'instant'),
      ],
      [
        '"1969-12-31T23:59:59.999999Z"',
        '"1970-01-02T00:00:00"',
        '"1969-12-31"',
        '"01:00:00.5"',
        '4611686018427387904',
      ],
    );
  });

  test('every_type_becomes_json_under_its_own_name', async () => {
    const bytes = written([
      column('__proto__', [true, null], 'BOOLEAN'),
      column('10', [1, -2], 'INT32'),
      column('a.b', [2n ** 53n + 1n, null], 'INT64'),
      column('"', [1.5, null], 'DOUBLE'),
      column('day', [new Date(86_400_000), null], 'TIMESTAMP'),
    ]);
    assert.deepEqual(await lines(bytes, ['__proto__', '10', 'a.b', '"', 'day']), [
      '{"__proto__":true,"10":1,"a.b":9007199254740993,"\\"":1.5,"day":"1970-01-02T00:00:00Z"}',
      '{"__proto__":null,"10":-2,"a.b":null,"\\"":null,"day":null}',
    ]);
    assert.deepEqual(await lines(bytes, ['10']), ['{"10":1}', '{"10":-2}']);
    assert.deepEqual(await lines(bytes, []), ['{}', '{}']);
  });
});

describe('what_cannot_be_read_is_said_with_the_name_of_the_file', () => {
  const good = () => new Uint8Array(texts({ rowGroupSize: 2 }));
  const changed = (change) => {
    const bytes = good();
    return change(bytes) ?? bytes;
  };
  const CASES = {
    'another kind of file': [
      () => new TextEncoder().encode('{"text": "a"}\n'),
      /^a\.parquet is no Parquet file/,
    ],
    'nothing at all': [() => new Uint8Array(), /^a\.parquet is no Parquet file/],
    'a file that is cut off': [() => good().subarray(0, 150), /^a\.parquet is cut off/],
    'an encrypted one': [
      () => changed((bytes) => void bytes.set([0x50, 0x41, 0x52, 0x45], bytes.length - 4)),
      /^a\.parquet is an encrypted Parquet file/,
    ],
    'a damaged outline': [
      () => changed((bytes) => void bytes.fill(0xff, bytes.length - 40, bytes.length - 8)),
      /^a\.parquet: its outline cannot be read \(.*\); the file is damaged/,
    ],
    'damaged pages': [
      () => changed((bytes) => void bytes.fill(0xff, 4, 60)),
      /^a\.parquet: row group 0 cannot be read \(.*\); the file is damaged/,
    ],
    'no columns that make a text': [
      () => written([column('n', [1], 'INT32')]),
      /^a\.parquet: .*`n` \(a number\)/,
    ],
  };
  for (const [what, [bytes, message]] of Object.entries(CASES)) {
    test(what, async () => {
      await assert.rejects(read(bytes()), (error) => {
        assert.ok(error instanceof InputError || error.kind === 'input', String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('packed from outside', async () => {
    await assert.rejects(
      read(good(), { name: 'a.parquet.gz' }),
      /^InputError: a\.parquet\.gz: Parquet is packed inside/,
    );
  });

  test('more than the limits allow', async () => {
    await assert.rejects(read(good(), { maxDocuments: 4 }), (error) => {
      assert.ok(error instanceof MemoryError, String(error));
      assert.equal(
        error.message,
        'a.parquet holds more than the 4 documents that can be held in memory here',
      );
      return true;
    });
    await assert.rejects(read(good(), { maxBytes: 20 }), { kind: 'memory' });
  });

  test('any byte that is changed gives documents or an error of the input, and soon', async () => {
    const original = good();
    for (let at = 0; at < original.length; at++) {
      const bytes = original.slice();
      bytes[at] ^= 0xff;
      const begun = performance.now();
      await lines(bytes).catch((error) => {
        const isInput = error instanceof InputError || error instanceof MemoryError;
        // The example of columns whose names are no UTF-8 is read by this test alone.
        assert.ok(isInput, `byte ${at}: ${error.stack}`);
      });
      assert.ok(performance.now() - begun < 5000, `byte ${at}`);
    }
  });
});

test('a_stopped_call_ends_between_pages', async () => {
  let looks = 0;
  const stopping = {
    ...watch,
    check() {
      if (++looks > 2) throw Object.assign(new Error('interrupted'), { kind: 'cancelled' });
    },
  };
  const begin = () => ({ wanted: () => ['text'], push() {}, finish() {}, free() {} });
  const reading = readParquet(begin, new Blob([texts({ rowGroupSize: 1 })]), settings, stopping);
  await assert.rejects(reading, { kind: 'cancelled' });
});
