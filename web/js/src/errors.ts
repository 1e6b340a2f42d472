/**
 * What a caller makes of an error: `usage` is for options that cannot be, whatever the data; `input` for data that are
 * wrong, or do not go with the options; `io` for a file or a network that failed; `memory` for more than fits, or than a
 * limit allows; `device` for a GPU that does not work; `cancelled` for a call that was aborted; `internal` for a fault of
 * this package.
 */
export type ErrorKind = 'usage' | 'input' | 'io' | 'memory' | 'device' | 'cancelled' | 'internal';

/** What went wrong, in the words of the core. Every error of this package but the reason of an abort is one of these. */
export class ClusterclipError extends Error {
  /** What a caller makes of it. */
  readonly kind: ErrorKind;
  /** After `Clusterer.run` failed or was aborted: the embeddings that were handed over, given back. */
  embeddings?: Float32Array;

  override name = 'ClusterclipError';

  constructor(message: string, kind: ErrorKind, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Bad input, or options that do not go together: the message says what, where, and what to do. */
export class InputError extends ClusterclipError {
  declare readonly kind: 'usage' | 'input' | 'io';

  override name = 'InputError';
}

/** A GPU that was asked for is not there, failed, or gave wrong integers. */
export class DeviceError extends ClusterclipError {
  declare readonly kind: 'device';

  override name = 'DeviceError';

  constructor(message: string) {
    super(message, 'device');
  }
}

/** More than memory holds, or than a limit on what is held allows: give less, or use the command line. */
export class MemoryError extends ClusterclipError {
  declare readonly kind: 'memory';

  override name = 'MemoryError';

  constructor(message: string) {
    super(message, 'memory');
  }
}

/**
 * What an aborted `Clusterer.run` is rejected with once its embeddings were handed over: an error of its own with the
 * name and the message of the signal's reason, which is its `cause`. A signal may be shared by calls, its reason cannot
 * give back the embeddings of each.
 */
export class AbortedError extends ClusterclipError {
  declare readonly kind: 'cancelled';

  constructor(reason: unknown, embeddings: Float32Array) {
    const { name, message } =
      reason instanceof Error ? reason : { name: 'AbortError', message: 'the call was aborted' };
    super(message, 'cancelled', { cause: reason });
    this.name = name;
    this.embeddings = embeddings;
  }
}

/** A fault of this package, or a memory that is full; what the worker held is lost. */
export class InternalError extends ClusterclipError {
  declare readonly kind: 'internal';

  override name = 'InternalError';

  constructor(message: string) {
    super(message, 'internal');
  }
}

/** An error as it crosses the border of the worker. */
export interface Failure {
  kind: ErrorKind;
  message: string;
}

/** Makes an error of each kind that wasm has thrown, or that came over from the worker. */
const MAKE: Record<ErrorKind, (message: string) => ClusterclipError> = {
  usage: (message) => new InputError(message, 'usage'),
  input: (message) => new InputError(message, 'input'),
  io: (message) => new InputError(message, 'io'),
  memory: (message) => new MemoryError(message),
  device: (message) => new DeviceError(message),
  cancelled: (message) => new ClusterclipError(message, 'cancelled'),
  internal: (message) => new InternalError(message),
};

/** Makes an error of this package. */
export function fromFailure({ kind, message }: Failure): ClusterclipError {
  return MAKE[kind](message);
}

/** The kind of what was thrown, here or by wasm; what says none is a fault. */
export function kindOf(thrown: unknown): ErrorKind {
  const { kind } = (thrown ?? {}) as { kind?: unknown };
  return typeof kind === 'string' && Object.hasOwn(MAKE, kind) ? (kind as ErrorKind) : 'internal';
}

/** What anything that was thrown says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Says what was thrown. A trap of wasm is a panic of the core, whose text `takePanic` gives, or a memory that is full,
 * which says nothing.
 */
export function toFailure(thrown: unknown, takePanic: () => string | undefined): Failure {
  if (thrown instanceof WebAssembly.RuntimeError) {
    const panic = takePanic();
    const said = panic ?? `${thrown.message} (the memory may be full: give fewer documents)`;
    return { kind: 'internal', message: said };
  }
  return { kind: kindOf(thrown), message: messageOf(thrown) };
}
