import { InputError } from './errors.js';
import { only, whole } from './options.js';
import { guard, loadCore, type WasmSource } from './wasm.js';

/** What reading and writing take. */
export interface NpyOptions {
  /** Where the wasm lies, if not beside the package. */
  coreWasm?: WasmSource | undefined;
}

/** The arrays that a .npy file can become. */
export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** An array with its shape, row-major. */
export interface NpyArray<Data extends NpyData = NpyData> {
  /** The values, one after another. */
  data: Data;
  /** The length of each axis. */
  shape: number[];
}

interface Header {
  kind: string;
  size: number;
  bigEndian: boolean;
  fortranOrder: boolean;
  shape: number[];
  dataOffset: number;
}

type Constructor = new (buffer: ArrayBuffer) => NpyData;

/** How elements are called in the header, and the array that holds them. */
const TYPES: [string, number, Constructor][] = [
  ['float', 4, Float32Array],
  ['float', 8, Float64Array],
  ['signed', 1, Int8Array],
  ['signed', 2, Int16Array],
  ['signed', 4, Int32Array],
  ['signed', 8, BigInt64Array],
  ['unsigned', 1, Uint8Array],
  ['unsigned', 2, Uint16Array],
  ['unsigned', 4, Uint32Array],
  ['unsigned', 8, BigUint64Array],
  ['bool', 1, Uint8Array],
];

/**
 * Reads a .npy file: any type of numbers, either byte order, C or Fortran order; float16 becomes float32.
 *
 * @throws {@link InputError} for bytes that are no such file, or not all of it.
 */
export async function readNpy(bytes: Uint8Array | ArrayBuffer, options: NpyOptions = {}): Promise<NpyArray> {
  only(options, ['coreWasm']);
  const { core } = await loadCore(options.coreWasm);
  // A Buffer of Node.js has a `slice` that copies nothing.
  const file =
    bytes instanceof Uint8Array
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
  const header: Header = JSON.parse(guard(() => core.parseNpy(file)));
  const { kind, size, bigEndian, fortranOrder, shape, dataOffset } = header;
  const raw = file.slice(dataOffset);
  if (bigEndian) swap(raw, size);
  const isHalf = kind === 'float' && size === 2;
  const found = TYPES.find(([name, bytes]) => name === kind && bytes === size);
  let data: NpyData;
  if (isHalf) data = Float32Array.from(new Uint16Array(raw.buffer), fromHalf);
  else if (found) data = new found[2](raw.buffer);
  else throw new InputError(`elements of ${size} bytes (${kind}) cannot be read`, 'input');
  return { data: fortranOrder ? toRows(data, shape) : data, shape };
}

/**
 * Writes a .npy file of version 1.0 in C order, as NumPy does.
 *
 * @throws {@link InputError} when there are not as many values as the shape says.
 */
export async function writeNpy(
  data: NpyData,
  shape: readonly number[],
  options: NpyOptions = {},
): Promise<Uint8Array> {
  only(options, ['coreWasm']);
  const count = shape.reduce((product, axis, at) => product * whole(`shape[${at}]`, axis), 1);
  if (count !== data.length) {
    throw new InputError(
      `${data.length} values do not fill an array of shape (${shape.join(', ')})`,
      'input',
    );
  }
  const found = TYPES.find(([, , Type]) => data instanceof Type);
  if (!found) throw new InputError('only typed arrays of numbers can be written', 'usage');
  const { core } = await loadCore(options.coreWasm);
  const header = guard(() => core.npyHeader(found[0], found[1], Float64Array.from(shape)));
  const file = new Uint8Array(header.length + data.byteLength);
  file.set(header);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return file;
}

function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** A float16, from its bits. */
function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 25) * (1024 + fraction) : sign * 2 ** -24 * fraction;
}

/** Turns an array whose first axis varies fastest into one whose last does. */
function toRows(data: NpyData, shape: number[]): NpyData {
  const rows = data.slice() as { [index: number]: number | bigint; length: number };
  const place = shape.map(() => 0);
  for (let at = 0; at < rows.length; at++) {
    let [from, step] = [0, 1];
    shape.forEach((length, axis) => {
      from += (place[axis] ?? 0) * step;
      step *= length;
    });
    rows[at] = data[from] as number | bigint;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = ((place[axis] ?? 0) + 1) % (shape[axis] ?? 1);
      if (place[axis]) break;
    }
  }
  return rows as NpyData;
}
