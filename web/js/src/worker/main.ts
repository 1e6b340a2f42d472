/** The worker's entry: one call after another, each answered. */
import { toFailure } from '../errors.js';
import { loadCore } from '../wasm.js';
import { GpuRoom } from './gpu.js';
import { ModelRoom } from './models.js';
import { Handed, type Reply, type Request, type Start } from './protocol.js';
import { Session } from './session.js';
import { CallWatch } from './watch.js';

type Method = (watch: CallWatch, ...args: never[]) => unknown;

const scope = globalThis as unknown as {
  postMessage(message: Reply, buffers: Transferable[]): void;
  onmessage: (event: MessageEvent) => void;
};

scope.onmessage = ({ data }: MessageEvent<Start>) => {
  const started = start(data);
  // The first call tells what went wrong.
  started.catch(() => {});
  scope.onmessage = (event: MessageEvent<Request>) => answer(started, event.data);
};

async function start({ coreWasmUrl, gpuWasmUrl, modelsWasmUrl }: Start): Promise<Session> {
  const { core, memory } = await loadCore(coreWasmUrl);
  core.prepare();
  return new Session(core, memory, new GpuRoom(gpuWasmUrl), new ModelRoom(modelsWasmUrl));
}

/** The package sends a call when the one before has been answered. */
async function answer(started: Promise<Session>, { id, method, args, cancelUrl }: Request): Promise<void> {
  const post = (reply: Reply, buffers: Transferable[] = []) => scope.postMessage(reply, buffers);
  const watch = new CallWatch(cancelUrl, (event) => post({ id, kind: 'event', event }));
  let session: Session | undefined;
  try {
    session = await started;
    const call = session[method as keyof Session] as Method;
    const result = await call.call(session, watch, ...(args as never[]));
    if (result instanceof Handed) post({ id, kind: 'done', value: result.value }, result.buffers);
    else post({ id, kind: 'done', value: result });
  } catch (thrown) {
    const failure = toFailure(thrown, () => session?.core.takePanic());
    // After a trap nothing of the memory can be trusted.
    const isLost = session === undefined || thrown instanceof WebAssembly.RuntimeError;
    // What was handed over is given back.
    const given = args.find((arg) => arg instanceof Float32Array);
    post({ id, kind: 'failed', failure, value: given, isLost }, given ? [given.buffer as ArrayBuffer] : []);
  }
}
