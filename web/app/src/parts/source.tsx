import { FILE_ENDS } from 'clusterclip';
import { makeExample } from '../example/make';
import { isOver } from '../state/drop';
import { forgetOptions, idField, skipBad, textField, tokenField } from '../state/options';
import { run } from '../state/run';
import { fileName, open, readAgain, summary } from '../state/source';
import { isBusy } from '../state/work';
import { TextField } from './field';
import { bytes, count, counted } from './words';

const ACCEPTED = FILE_ENDS.join(',');

/** One click shows the whole thing. */
async function tryExample(): Promise<void> {
  forgetOptions();
  await open(makeExample(), 'example.jsonl');
  await run();
}

/** The first step: a file, and which of its fields are read. */
export function Source() {
  return (
    <section class="panel" aria-labelledby="source-title">
      <h2 id="source-title">Documents</h2>
      <div class={`drop${isOver.value ? ' over' : ''}`}>
        <label class="button" for="file">
          Choose a file
          <input
            id="file"
            data-testid="file"
            type="file"
            accept={ACCEPTED}
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) void open(file, file.name);
              // The same file may be chosen again after it was changed.
              currentTarget.value = '';
            }}
          />
        </label>
        <p>
          or drop one here: JSON lines, JSON, CSV, TSV, Parquet, text (a document a line), .npy rows; all but
          Parquet also as .gz
        </p>
        <button type="button" class="quiet" data-testid="example" onClick={tryExample}>
          Try the example
        </button>
      </div>
      <Summary />
      <div class="pair">
        <TextField
          hook="text-field"
          label="Text field"
          value={textField}
          placeholder="automatic"
          list="fields"
          onCommit={() => void readAgain()}
        />
        <TextField
          hook="id-field"
          label="Id field"
          value={idField}
          placeholder="id, if any"
          list="fields"
          onCommit={() => void readAgain()}
        />
      </div>
      <div class="pair">
        <TextField
          hook="token-field"
          label="Token count field"
          value={tokenField}
          placeholder="none"
          list="fields"
          onCommit={() => void readAgain()}
        />
        <label class="check">
          <input
            type="checkbox"
            data-testid="skip-bad"
            checked={skipBad.value}
            disabled={isBusy.value}
            onChange={({ currentTarget }) => {
              skipBad.value = currentTarget.checked;
              void readAgain();
            }}
          />
          Leave out bad records
        </label>
      </div>
      <datalist id="fields">
        {summary.value?.fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
    </section>
  );
}

function Summary() {
  const read = summary.value;
  const facts = read
    ? [
        counted(read.documents, read.hasTexts ? 'document' : 'row'),
        read.hasTexts ? `${bytes(read.textBytes)} of text` : `${count(read.nFeatures ?? 0)} features`,
        ...(read.badRecords ? [`${counted(read.badRecords, 'bad record')} skipped`] : []),
        ...(read.blankLines ? [`${counted(read.blankLines, 'blank line')} left out`] : []),
        ...(read.withTokens ? [`${count(read.tokens)} tokens`] : []),
      ]
    : [];
  return (
    <div class="summary" data-testid="summary">
      {read ? (
        <>
          <p>
            <strong>{read.name}</strong>
          </p>
          <p>{facts.join(' · ')}</p>
          {read.taken && (
            <p data-testid="taken">
              Text: <Named text={read.taken} />
            </p>
          )}
          {read.fields.length > 0 && <p>Fields: {read.fields.join(', ')}</p>}
        </>
      ) : (
        <p>{fileName.value ?? 'Nothing read yet.'}</p>
      )}
    </div>
  );
}

/** Words in which names of fields stand between backticks. */
function Named({ text }: { text: string }) {
  return text.split('`').map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part));
}
