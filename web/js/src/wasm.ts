import init, * as core from '../wasm/core.js';
import { fromFailure, toFailure } from './errors.js';

/** Where a wasm module is, or the module itself. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module | Response;

type Core = typeof core;

let loaded: Promise<Core> | undefined;

/**
 * Loads the module that everything but the GPU is in, once: a second call gets the same, whatever its source.
 *
 * @throws {@link InternalError} when it cannot be had.
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
    await init({ module_or_path: await bytesOf(source) });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw fromFailure({ name: 'InternalError', message: `the wasm module cannot be loaded: ${said}` });
  }
  return core;
}

/** Node.js fetches no files: they are read there. */
async function bytesOf(source: WasmSource): Promise<Exclude<WasmSource, string>> {
  const isText = typeof source === 'string';
  const url = isText ? parse(source) : source;
  if (url instanceof URL && url.protocol === 'file:' && 'process' in globalThis) {
    const name = 'node:fs/promises';
    const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return readFile(url);
  }
  return url;
}

/** A text without a scheme is relative to the page, or to the worker. */
function parse(text: string): URL {
  return new URL(text, globalThis.location?.href);
}

/** Calls the core on this thread; what it throws becomes an error of this package. */
export function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw fromFailure(toFailure(thrown, core.takePanic));
  }
}
