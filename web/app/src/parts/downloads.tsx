import { DOWNLOADS, download, isReady } from '../state/downloads';
import { command } from '../state/options';
import { clustered } from '../state/results';
import { isStale } from '../state/run';
import { fileName } from '../state/source';

/** The last step: files to take away. */
export function Downloads() {
  const name = fileName.value;
  return (
    <section class="panel" aria-labelledby="downloads-title">
      <h2 id="downloads-title">Take away</h2>
      <ul class="downloads">
        {DOWNLOADS.map((entry) => (
          <li key={entry.name}>
            <button
              type="button"
              class="quiet"
              data-testid={`download-${entry.name}`}
              disabled={!isReady(entry.name)}
              onClick={() => void download(entry)}
            >
              {entry.file}
            </button>
            <span class="hint">{entry.what}</span>
          </li>
        ))}
      </ul>
      <p class="hint">
        {!name || !clustered.value
          ? 'After a run, files lie here.'
          : isStale.value
            ? 'Press Run first: other clusters are asked for. On the command line:'
            : 'The same on the command line:'}
      </p>
      <pre class="command">
        <code>{name && clustered.value ? command(name) : ' '}</code>
      </pre>
    </section>
  );
}
