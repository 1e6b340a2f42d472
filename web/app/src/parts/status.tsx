import { refused, shown } from '../state/exposure';
import { clustered } from '../state/results';
import { error, isBusy, progress, status, warnings } from '../state/work';
import { count } from './words';

const STAGES = {
  read: 'Reading',
  fit: 'Learning words',
  embed: 'Embedding',
  quantize: 'Preparing rows',
  cluster: 'Clustering',
  finish: 'Finishing clusters',
  map: 'Drawing the map',
  sample: 'Ordering',
  write: 'Writing',
};

/** What is going on, and what went wrong. */
export function Status() {
  const now = progress.value;
  const told = [...warnings.value, ...(refused.value ? [] : (shown.value?.exposure.warnings ?? []))];
  const iteration = now?.iteration;
  const detail = iteration
    ? `iteration ${iteration.iteration}, ${count(iteration.moved)} moved`
    : now?.total
      ? `${count(now.done)} of ${count(now.total)} ${now.unit}`
      : '';
  // K-Means ends long before its most iterations: how many rows still move tells more.
  const value = now?.stage === 'cluster' || now?.fraction == null ? undefined : now.fraction;
  const wrong = error.value ?? (refused.value ? { text: refused.value, command: undefined } : null);
  return (
    <section class="panel status" aria-label="Status">
      <progress
        data-testid="progress"
        aria-label="Progress"
        max={1}
        value={isBusy.value ? value : now === null ? 0 : 1}
      />
      <div class="line">
        <p role="status" data-testid="status">
          {status.value}
        </p>
        {clustered.value && !isBusy.value ? (
          <a class="jump" href="#map" aria-label="To the map">
            Map ↓
          </a>
        ) : (
          <p class="hint detail">{now ? [STAGES[now.stage], detail].filter(Boolean).join(': ') : ''}</p>
        )}
        <details class="told" hidden={told.length === 0}>
          <summary>{told.length === 1 ? '1 note' : `${told.length} notes`}</summary>
          <ul>
            {[...new Set(told)].map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      </div>
      <div role="alert" data-testid="error" class={wrong ? 'wrong' : ''}>
        {wrong && <p>{wrong.text}</p>}
        {wrong?.command && (
          <>
            <p>The command line has no such limit:</p>
            <pre>
              <code>{wrong.command}</code>
            </pre>
          </>
        )}
      </div>
    </section>
  );
}
