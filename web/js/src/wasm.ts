import init, * as core from '../wasm/core.js';
import { fromFailure, InternalError, messageOf, toFailure } from './errors.js';

/**
 * The watch of work on this thread: nobody listens, and nobody can stop it.
 *
 * @internal
 */
export const SILENT: core.Watch = { emit() {}, cancelled: () => false };

/** Where a wasm module is, or the module itself. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module | Response;

/**
 * The module that everything but the GPU is in, on this thread.
 *
 * @internal
 */
export interface Core {
  core: typeof core;
  memory: WebAssembly.Memory;
}

let loaded: Promise<Core> | undefined;

/** What ended the module: after a trap nothing of its memory can be trusted. */
let fault: string | undefined;

/**
 * Loads the module, once a thread: a second call gets the same, whatever its source.
 *
 * @throws {@link InternalError} when it cannot be had.
 * @internal
 */
export function loadCore(source?: WasmSource): Promise<Core> {
  loaded ??= load(source ?? new URL('../wasm/core_bg.wasm', import.meta.url)).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(source: WasmSource): Promise<Core> {
  try {
    const { memory } = await init({ module_or_path: await bytesOf(source) });
    return { core, memory };
  } catch (error) {
    throw new InternalError(`the wasm module cannot be loaded: ${messageOf(error)}`);
  }
}

/** Node.js fetches no files: they are read there. */
async function bytesOf(source: WasmSource): Promise<Exclude<WasmSource, string>> {
  // A text without a scheme is relative to the page, or to the worker.
  const url = typeof source === 'string' ? new URL(source, globalThis.location?.href) : source;
  if (url instanceof URL && url.protocol === 'file:' && 'process' in globalThis) {
    const name = 'node:fs/promises';
    const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return readFile(url);
  }
  return url;
}

/**
 * Calls the core on this thread; what it throws becomes an error of this package.
 *
 * @internal
 */
export function guard<T>(work: () => T): T {
  if (fault !== undefined) {
    throw new InternalError(
      `the wasm module failed before, and needs the page or the process anew: ${fault}`,
    );
  }
  try {
    return work();
  } catch (thrown) {
    const failure = toFailure(thrown, core.takePanic);
    if (thrown instanceof WebAssembly.RuntimeError) fault = failure.message;
    throw fromFailure(failure);
  }
}

/**
 * Gives back what something of the core has taken of its memory; after a trap nothing of that is touched any more.
 *
 * @internal
 */
export function release(held: { free(): void } | undefined): void {
  if (fault === undefined) held?.free();
}
