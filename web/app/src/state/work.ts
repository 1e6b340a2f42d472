import { computed, signal } from '@preact/signals';
import { Clusterer, MemoryError, type Progress } from 'clusterclip';
import script from 'clusterclip/worker?worker&url';
import { command } from './options';

/** What is going on, and how to stop it. */
interface Work {
  what: string;
  controller: AbortController;
}

export const work = signal<Work | null>(null);
export const progress = signal<Progress | null>(null);
export const status = signal('Choose a file, or try the example.');
/** What went wrong, and the command that would do it, where there is one. */
export const error = signal<{ text: string; command?: string } | null>(null);
export const warnings = signal<string[]>([]);

export const isBusy = computed(() => work.value !== null);

let clusterer: Promise<Clusterer> | undefined;

/** The worker: started when the page loads; after it failed to start, anew. */
export function worker(): Promise<Clusterer> {
  clusterer ??= Clusterer.create({ workerUrl: underPolicy(script) }).catch((error) => {
    clusterer = undefined;
    throw error;
  });
  return clusterer;
}

/**
 * A worker made of a blob is under the policy of its page; one made of a file is under that of the file's headers, and
 * plain servers send none.
 */
function underPolicy(script: string): string {
  const url = new URL(script, document.baseURI).href;
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
}

/** Tells what went wrong. `name` is the file that a command would be for. */
export function fail(thrown: unknown, name?: string): void {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  error.value = thrown instanceof MemoryError && name ? { text, command: command(name) } : { text };
}

/** What a slow call of the package is given. */
export interface Slow {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  onWarning(text: string): void;
}

let last: Promise<unknown> = Promise.resolve();

/** Waits until what is going on has ended. */
export function settled(): Promise<unknown> {
  return last;
}

/**
 * Does something slow: one thing at a time, and it can be stopped. Returns whether it came to its end.
 *
 * @param name the file that it is about, for a message that it is too large.
 */
export function busy(what: string, act: (slow: Slow) => Promise<string>, name?: string): Promise<boolean> {
  if (work.value) return Promise.resolve(false);
  const done = doing(what, act, name);
  last = done;
  return done;
}

async function doing(what: string, act: (slow: Slow) => Promise<string>, name?: string): Promise<boolean> {
  const controller = new AbortController();
  work.value = { what, controller };
  error.value = null;
  status.value = what;
  progress.value = null;
  try {
    status.value = await act({
      signal: controller.signal,
      onProgress: (now) => {
        progress.value = now;
      },
      onWarning: (text) => {
        warnings.value = [...warnings.value, text];
      },
    });
    return true;
  } catch (thrown) {
    if (controller.signal.aborted) {
      status.value = 'Stopped. What was read is still here.';
    } else {
      status.value = 'That did not work.';
      fail(thrown, name);
    }
    return false;
  } finally {
    work.value = null;
    progress.value = null;
  }
}

/** Stops what is going on. */
export function cancel(): void {
  work.value?.controller.abort();
}
