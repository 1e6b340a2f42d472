import type { Sampler, Watch } from '../wasm/core.js';

/** The whole order as document rows: the data of order.npy. */
export function orderRows(sampler: Sampler, watch: Watch): BigUint64Array<ArrayBuffer> {
  const file = sampler.orderNpy(watch);
  // The order is all of the file but its header.
  const length = sampler.length * BigUint64Array.BYTES_PER_ELEMENT;
  return new BigUint64Array((file.buffer as ArrayBuffer).slice(file.byteLength - length));
}
