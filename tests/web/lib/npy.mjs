// .npy files, read and written apart from the code under test.

/** Types as .npy files name them, and their arrays; float16 has none, and is handed out as its bits. */
const ARRAYS = { '<f4': Float32Array, '<f2': Uint16Array, '<i4': Int32Array, '<u8': BigUint64Array };

/** Reads an array in C order: `{ type, shape, data }`. */
export function readNpy(bytes) {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY' || bytes[6] !== 1)
    throw new Error('no .npy of version 1');
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const [, type, order, sizes] =
    /'descr': '(...)', 'fortran_order': (\w+), 'shape': \(([\d, ]*)\)/.exec(header) ?? [];
  if (order !== 'False' || !ARRAYS[type]) throw new Error(`a header that no file of ours has: ${header}`);
  const data = new ARRAYS[type](Uint8Array.from(bytes.subarray(start)).buffer);
  return { type, shape: sizes.split(',').filter(Boolean).map(Number), data };
}

/** Writes a float32 array, or float16 from its bits, as NumPy does. */
export function writeNpy(data, shape) {
  const type = data instanceof Uint16Array ? '<f2' : '<f4';
  const said = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = `${said.padEnd(Math.ceil((said.length + 11) / 64) * 64 - 11)}\n`;
  const lead = Buffer.from('\x93NUMPY\x01\x00..', 'latin1');
  lead.writeUInt16LE(header.length, 8);
  return Buffer.concat([
    lead,
    Buffer.from(header),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

/** The bits of the float16 numbers that are next to zero from float32 numbers below 2; tiny ones become 0. */
export function halves(floats) {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(bits, (whole) => {
    const exponent = ((whole >>> 23) & 0xff) - 112;
    return ((whole >>> 16) & 0x8000) | (exponent > 0 ? (exponent << 10) | ((whole >>> 13) & 0x3ff) : 0);
  });
}
