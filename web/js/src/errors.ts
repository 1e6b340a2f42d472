/** What went wrong, in the words of the core. Every error of this package but the reason of an abort is one of these. */
export class ClusterclipError extends Error {
  /** After `Clusterer.run` failed or was aborted: the embeddings that were handed over, given back. */
  embeddings?: Float32Array;

  override name = 'ClusterclipError';
}

/** Bad input, or options that do not go together: the message says what, where, and what to do. */
export class InputError extends ClusterclipError {
  override name = 'InputError';
}

/** A GPU that was asked for is not there, failed, or gave wrong integers. */
export class DeviceError extends ClusterclipError {
  override name = 'DeviceError';
}

/** More than memory holds, or than a limit on what is held allows: give less, or use the command line. */
export class MemoryError extends ClusterclipError {
  override name = 'MemoryError';
}

/**
 * What an aborted `Clusterer.run` is rejected with once its embeddings were handed over: an error of its own with the
 * name and the message of the signal's reason, which is its `cause`. A signal may be shared by calls, its reason cannot
 * give back the embeddings of each.
 */
export class AbortedError extends ClusterclipError {
  constructor(reason: unknown, embeddings: Float32Array) {
    const { name, message } =
      reason instanceof Error ? reason : { name: 'AbortError', message: 'the call was aborted' };
    super(message, { cause: reason });
    this.name = name;
    this.embeddings = embeddings;
  }
}

/** A fault of this package, or a memory that is full; what the worker held is lost. */
export class InternalError extends ClusterclipError {
  override name = 'InternalError';
}

/** An error as it crosses the border of the worker. */
export interface Failure {
  name: string;
  message: string;
}

const KINDS = { InputError, MemoryError, DeviceError, InternalError };

/** Makes an error of this package of one that wasm has thrown, or that came over from the worker. */
export function fromFailure({ name, message }: Failure): ClusterclipError {
  const Kind = KINDS[name as keyof typeof KINDS] ?? ClusterclipError;
  return new Kind(message);
}

/** What wasm, and the worker, say when the work was asked to stop. */
export const CANCELLED = 'CancelledError';

/** Names that errors of wasm and of the worker have; anything else is a fault. */
const KNOWN = new Set([...Object.keys(KINDS), 'ClusterclipError', 'BusyError', CANCELLED]);

/**
 * Says what was thrown. A trap of wasm is a panic of the core, whose text `takePanic` gives, or a memory that is full,
 * which says nothing.
 */
export function toFailure(thrown: unknown, takePanic: () => string | undefined): Failure {
  if (thrown instanceof WebAssembly.RuntimeError) {
    const panic = takePanic();
    const said = panic ?? `${thrown.message} (the memory may be full: give fewer documents)`;
    return { name: 'InternalError', message: said };
  }
  if (thrown instanceof Error) {
    return { name: KNOWN.has(thrown.name) ? thrown.name : 'InternalError', message: thrown.message };
  }
  return { name: 'InternalError', message: String(thrown) };
}
