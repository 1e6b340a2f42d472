/**
 * Works with something of wasm's, and frees it in the end: at once, or when the promise that `work` gives is settled.
 * After a trap it is left alone, for it may still be borrowed, and freeing it would hide the trap.
 */
export function freeing<T>(held: { free(): void }, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (thrown) {
    freeAfter(held, thrown);
    throw thrown;
  }
  if (!(result instanceof Promise)) {
    held.free();
    return result;
  }
  const done = result.then(
    (value) => {
      held.free();
      return value;
    },
    (thrown) => {
      freeAfter(held, thrown);
      throw thrown;
    },
  );
  return done as T;
}

/** Frees it after an error. */
export function freeAfter(held: { free(): void }, thrown: unknown): void {
  if (!(thrown instanceof WebAssembly.RuntimeError)) held.free();
}
