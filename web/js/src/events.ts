/** A stage of the work, in the order in which data flows through them. */
export type Stage = 'read' | 'fit' | 'embed' | 'quantize' | 'cluster' | 'finish' | 'map' | 'sample' | 'write';

/** How far the work is. */
export interface Progress {
  /** Which stage. */
  stage: Stage;
  /** How much of it is done, in `unit`. */
  done: number;
  /** How much there is, where that is known. */
  total: number | null;
  /** What is counted: bytes, documents, rows, steps, iterations, positions. */
  unit: string;
  /** The share that is done, 0 to 1, where the total is known. K-Means ends before its most iterations as a rule. */
  fraction: number | null;
  /** The K-Means iteration that has just ended. */
  iteration?: { iteration: number; objective: bigint; moved: number; refilled: number };
}

/** What every slow call takes. */
export interface Slow {
  /** Is told how far the work is. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Is told what a person should know; the same texts on every device. */
  onWarning?: ((text: string) => void) | undefined;
  /**
   * Stops the work: within 100 ms on the CPU, after one submission on a GPU. The call is then rejected with the reason of
   * the signal, `Clusterer.run` with an {@link AbortedError} that has it as its cause; one that was done already is not.
   */
  signal?: AbortSignal | undefined;
}

/** The names of these. */
export const SLOW = ['onProgress', 'onWarning', 'signal'] as const satisfies (keyof Slow)[];

/** An event of the core. */
export type Event =
  | { type: 'started'; stage: Stage; total: number | null; unit: string }
  | { type: 'progress'; stage: Stage; done: number }
  | { type: 'iteration'; iteration: number; objective: string; moved: number; refilled: number }
  | { type: 'finished'; stage: Stage }
  | { type: 'warning'; text: string };

/** Turns events into what the caller wants to hear. */
export function listener({ onProgress, onWarning }: Slow): (event: Event) => void {
  let now: Progress = { stage: 'read', done: 0, total: null, unit: '', fraction: null };
  const tell = (more: Partial<Progress>) => {
    const { iteration: _, ...rest } = now;
    now = { ...rest, ...more };
    now.fraction = now.total === null ? null : now.total === 0 ? 1 : Math.min(now.done / now.total, 1);
    onProgress?.(now);
  };
  return (event) => {
    if (event.type === 'warning') onWarning?.(event.text);
    else if (event.type === 'started')
      tell({ stage: event.stage, done: 0, total: event.total, unit: event.unit });
    else if (event.type === 'progress') tell({ done: event.done });
    else if (event.type === 'finished') tell({ done: now.total ?? now.done });
    else {
      const { iteration, moved, refilled } = event;
      const objective = BigInt(event.objective);
      tell({ done: iteration, iteration: { iteration, objective, moved, refilled } });
    }
  };
}
