/** The worker's entry: one call after another, each answered. */
import { takePanic } from '../../wasm/core.js';
import initCore from '../../wasm/core.js';
import * as core from '../../wasm/core.js';
import { type Failure, toFailure } from '../errors.js';
import { GpuRoom } from './gpu.js';
import { Handed, type Reply, type Request } from './protocol.js';
import { Session } from './session.js';
import { CallWatch } from './watch.js';

/** What the first message says: where the modules lie. */
interface Start {
  coreWasmUrl: string | undefined;
  gpuWasmUrl: string | undefined;
}

type Method = (watch: CallWatch, ...args: never[]) => unknown;

const scope = globalThis as unknown as {
  postMessage(message: Reply, buffers: Transferable[]): void;
  onmessage: (event: MessageEvent) => void;
};

const started = new Promise<Session>((resolve, reject) => {
  scope.onmessage = ({ data }: MessageEvent<Start>) => {
    scope.onmessage = answer;
    start(data).then(resolve, reject);
  };
});

async function start({ coreWasmUrl, gpuWasmUrl }: Start): Promise<Session> {
  const url = coreWasmUrl ?? new URL('../../wasm/core_bg.wasm', import.meta.url);
  const { memory } = await initCore({ module_or_path: url });
  core.prepare();
  return new Session(core, memory, new GpuRoom(gpuWasmUrl));
}

/** The package sends a call when the one before has been answered. */
async function answer({ data }: MessageEvent<Request>): Promise<void> {
  const { id, method, args, cancelUrl } = data;
  const post = (reply: Reply, buffers: Transferable[] = []) => scope.postMessage(reply, buffers);
  const watch = new CallWatch(cancelUrl, (event) => post({ id, kind: 'event', event }));
  try {
    const session = await started;
    const call = session[method as keyof Session] as Method;
    const result = await call.call(session, watch, ...(args as never[]));
    if (result instanceof Handed) post({ id, kind: 'done', value: result.value }, result.buffers);
    else post({ id, kind: 'done', value: result });
  } catch (thrown) {
    const gpu = await started.then(({ gpu }) => gpu).catch(() => undefined);
    const failure: Failure = toFailure(thrown, () => takePanic() ?? gpu?.takePanic());
    // After a trap nothing of the memory can be trusted.
    const isLost = thrown instanceof WebAssembly.RuntimeError;
    // What was handed over is given back.
    const given = args.filter((arg) => arg instanceof Float32Array);
    const buffers = given.map(({ buffer }) => buffer as ArrayBuffer);
    post({ id, kind: 'failed', failure, value: given[0], isLost }, buffers);
  }
}
