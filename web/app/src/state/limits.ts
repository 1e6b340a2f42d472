/** The most documents or rows that the page takes: what it shows of them stays smooth, and memory under 2 GiB. */
export const MAX_DOCUMENTS = 100_000;

/** The most bytes of a file, unpacked. */
export const MAX_BYTES = 512 * 2 ** 20;

/** How the core begins to say that something is too large. */
const TOO_LARGE = /can be held in memory here/;

/** Whether an error says that the input is too large for a browser. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && TOO_LARGE.test(error.message);
}
