import type { Watch } from '../../wasm/core.js';
import { ClusterclipError } from '../errors.js';

/** Milliseconds between two looks at whether to stop. A look takes about one. */
const INTERVAL = 40;

/**
 * The watch of one call. Wasm works on this thread, so that no message can arrive meanwhile: whether to stop is asked
 * of the browser, by a synchronous request for a blob that the page takes away.
 */
export class CallWatch implements Watch {
  #asked = performance.now();
  #stopped = false;

  constructor(
    readonly cancelUrl: string | undefined,
    readonly emit: (event: string) => void,
  ) {}

  cancelled(): boolean {
    if (this.#stopped || this.cancelUrl === undefined) return this.#stopped;
    const now = performance.now();
    if (now - this.#asked < INTERVAL) return false;
    const request = new XMLHttpRequest();
    request.open('GET', this.cancelUrl, false);
    try {
      request.send();
    } catch {
      this.#stopped = true;
    }
    this.#asked = performance.now();
    return this.#stopped;
  }

  /** Throws once the call is to stop; for work that is not wasm's. */
  check(): void {
    if (this.cancelled()) throw new ClusterclipError('interrupted', 'cancelled');
  }
}
