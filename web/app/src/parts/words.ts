/** Numbers as a person reads them. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** A number of things, the word in the right form. */
export function counted(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? '' : 's'}`;
}

/** A share in percent, with as many digits as tell something. */
export function percent(share: number): string {
  const digits = share === 0 || share >= 0.1 ? 1 : share >= 0.001 ? 2 : 3;
  return `${(100 * share).toFixed(digits)} %`;
}

/** Bytes, in the unit that suits. */
export function bytes(number: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), units.length - 1);
  const scaled = number / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toPrecision(3)} ${units[power]}`;
}

/** The first line of a text that holds something. */
export function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? '';
}
