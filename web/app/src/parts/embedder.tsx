import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { embedder, tableFiles } from '../state/options';
import { summary } from '../state/source';
import { Choice } from './field';

/** How documents become rows: by their words, or by a static table whose files a person has. */
export function EmbedderChoice() {
  const isRows = summary.value?.hasTexts === false;
  const isTable = embedder.value === 'table' && !isRows;
  const chooser = useRef<HTMLInputElement>(null);
  // Files that were dropped are shown as if they had been chosen.
  useSignalEffect(() => {
    const list = new DataTransfer();
    for (const file of tableFiles.value) list.items.add(file);
    if (chooser.current) chooser.current.files = list.files;
  });
  const names = tableFiles.value.map(({ name }) => name).join(', ');
  return (
    <div class="pair">
      <Choice
        hook="embedder"
        label="Embedder"
        value={embedder}
        disabled={isRows}
        options={[
          ['lexical', 'Lexical: words'],
          ['table', 'Static table'],
        ]}
      />
      <div class="field">
        <label for="table-files">Its files</label>
        <input
          id="table-files"
          ref={chooser}
          data-testid="table-files"
          type="file"
          multiple
          accept=".json,.safetensors"
          disabled={!isTable}
          title={names || 'tokenizer.json, model.safetensors, config.json'}
          onChange={({ currentTarget }) => {
            tableFiles.value = [...(currentTarget.files ?? [])];
          }}
        />
      </div>
    </div>
  );
}
