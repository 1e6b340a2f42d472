// Numbers and times as the command line spells them.

/** From here on, and below there, a number is spelled with an exponent. */
const [LARGE, SMALL] = [1e16, 1e-4];

/** A float by its shortest spelling, which has a point; what is none is null. */
export function float(value: number, shortest: string = Math.abs(value).toExponential()): string {
  if (Number.isNaN(value)) return 'null';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}Infinity`;
  const [mantissa = '', power] = shortest.split('e');
  const exponent = Number(power);
  if (size >= LARGE || (size !== 0 && size < SMALL)) return `${sign}${mantissa}e${exponent}`;
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** A float of four bytes: as few digits as tell it from its neighbours. */
export function float32(value: number): string {
  const size = Math.abs(value);
  for (let digits = 0; digits < 9; digits++) {
    const spelled = size.toExponential(digits);
    if (Math.fround(Number(spelled)) === size) return float(value, spelled);
  }
  return float(value);
}

/** A float of two bytes. */
export function float16([low = 0, high = 0]: Uint8Array): number {
  const sign = high >> 7 ? -1 : 1;
  const exponent = (high >> 2) & 31;
  const fraction = (((high & 3) << 8) | low) / 1024;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}

/** A whole number that has its point `scale` digits from the right. */
export function decimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  if (scale < 0) return `${unscaled}${'0'.repeat(-scale)}`;
  const [sign, digits] = unscaled < 0n ? ['-', String(-unscaled)] : ['', String(unscaled)];
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** A whole number of any length, the highest byte first, in two's complement. */
export function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

/** What of an instant is said. */
export type Shown = 'instant' | 'civil' | 'date' | 'time';

/** The first and the last nanosecond of the calendar of the command line. */
const [FIRST, LAST] = [-377_705_023_201_000_000_000n, 253_402_207_200_999_999_999n];

/** So many units after 1970 began, by ISO 8601 as a string of JSON; beyond the calendar the number itself. */
export function instant(count: bigint, nanoseconds: bigint, shown: Shown): string {
  const total = count * nanoseconds;
  if (total < FIRST || total > LAST) return String(count);
  const below = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const [date = '', rest = ''] = new Date(Number((total - below) / 1_000_000n)).toISOString().split('T');
  const fraction = below === 0n ? '' : `.${String(below).padStart(9, '0').replace(/0+$/, '')}`;
  const time = `${rest.slice(0, 8)}${fraction}`;
  const said = { instant: `${date}T${time}Z`, civil: `${date}T${time}`, date, time };
  return `"${said[shown]}"`;
}
