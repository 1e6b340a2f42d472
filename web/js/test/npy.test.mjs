import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, readNpy, writeNpy } from '../dist/index.js';

const input = (message) => (error) => error instanceof InputError && message.test(error.message);

/** A file as NumPy writes it. */
function file(descr, shape, data, order = 'False') {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${axes}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8];
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.from([...start, ...Buffer.from(header), ...bytes]);
}

const ARRAYS = [
  Float32Array.of(0.5, -1, Number.NaN, Infinity, 3, 1e-40),
  Float64Array.of(Math.PI, -0, 1e308, 2, 3, 4),
  Int8Array.of(-128, 127, 0, 1, 2, 3),
  Int16Array.of(-32768, 32767, 0, 1, 2, 3),
  Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3),
  BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n),
  Uint8Array.of(255, 0, 1, 2, 3, 4),
  Uint16Array.of(65535, 0, 1, 2, 3, 4),
  Uint32Array.of(2 ** 32 - 1, 0, 1, 2, 3, 4),
  BigUint64Array.of(2n ** 64n - 1n, 0n, 1n, 2n, 3n, 4n),
];

for (const data of ARRAYS) {
  test(`${data.constructor.name}_comes_back`, async () => {
    for (const shape of [[6], [2, 3], [1, 3, 2], [6, 1]]) {
      const found = await readNpy(await writeNpy(data, shape));
      assert.deepEqual(found, { data, shape });
    }
  });
}

test('files_are_those_of_numpy', async () => {
  assert.deepEqual(await writeNpy(Int32Array.of(1, -1), [2]), file('<i4', [2], Int32Array.of(1, -1)));
});

test('a_part_of_a_buffer_is_written_and_read', async () => {
  const whole = Float32Array.of(9, 1, 2, 9);
  const bytes = await writeNpy(whole.subarray(1, 3), [2]);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.deepEqual((await readNpy(shifted.subarray(3))).data, Float32Array.of(1, 2));
  // Small buffers of Node.js are parts of a larger one.
  assert.deepEqual((await readNpy(Buffer.from(bytes))).data, Float32Array.of(1, 2));
  assert.deepEqual((await readNpy(bytes.buffer)).data, Float32Array.of(1, 2));
});

test('float16_becomes_float32', async () => {
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000);
  const { data } = await readNpy(file('<f2', [7], bits));
  assert.deepEqual(data, Float32Array.of(1, -2, 2 ** -24, 65504, Infinity, -Infinity, -0));
  assert.ok(Number.isNaN((await readNpy(file('<f2', [1], Uint16Array.of(0x7e00)))).data[0]));
});

test('bool_becomes_uint8', async () => {
  assert.deepEqual((await readNpy(file('|b1', [2], Uint8Array.of(1, 0)))).data, Uint8Array.of(1, 0));
});

test('big_endian_is_turned', async () => {
  const { data } = await readNpy(file('>i4', [2], Uint8Array.of(0, 0, 0, 7, 255, 255, 255, 254)));
  assert.deepEqual(data, Int32Array.of(7, -2));
});

test('fortran_order_becomes_rows', async () => {
  const columns = Float32Array.of(0, 3, 1, 4, 2, 5);
  const two = await readNpy(file('<f4', [2, 3], columns, 'True'));
  assert.deepEqual(two, { data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3] });
  const cube = Int32Array.of(0, 4, 2, 6, 1, 5, 3, 7);
  const three = await readNpy(file('<i4', [2, 2, 2], cube, 'True'));
  assert.deepEqual(three.data, Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7));
});

test('empty_arrays_come_back', async () => {
  const empty = { data: new Float32Array(), shape: [0, 4] };
  assert.deepEqual(await readNpy(await writeNpy(empty.data, empty.shape)), empty);
});

test('bad_files_are_refused', async () => {
  const good = file('<f4', [2, 3], new Float32Array(6));
  await assert.rejects(readNpy(Uint8Array.of(1, 2, 3)), input(/NUMPY/));
  await assert.rejects(readNpy(good.subarray(0, 20)), input(/cut off/));
  await assert.rejects(readNpy(good.subarray(0, good.length - 1)), input(/cut off/));
  await assert.rejects(readNpy(file('|O', [1], new Uint8Array(8))), input(/type/));
  await assert.rejects(readNpy(file('<c8', [1], new Uint8Array(8))), input(/type|read/));
});

test('options_that_nobody_knows_are_refused', async () => {
  await assert.rejects(readNpy(new Uint8Array(), { wasm: '' }), input(/wasm is no option/));
  await assert.rejects(writeNpy(new Float32Array(1), [1], { wasm: '' }), input(/wasm is no option/));
});

test('a_shape_must_fit_its_values', async () => {
  await assert.rejects(writeNpy(new Float32Array(6), [4, 2]), input(/6 values.*\(4, 2\)/));
  await assert.rejects(writeNpy(new Float32Array(6), [-2, -3]), input(/shape\[0\] -2/));
  await assert.rejects(writeNpy([1, 2], [2]), input(/typed arrays/));
});
