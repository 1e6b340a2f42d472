/** The most documents or rows that the page takes: what it shows of them stays smooth, and memory under 2 GiB. */
export const MAX_DOCUMENTS = 100_000;

/** The most bytes of a file, unpacked, and of rows as float32. */
export const MAX_BYTES = 512 * 2 ** 20;
