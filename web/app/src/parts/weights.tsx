import { useSignalEffect } from '@preact/signals';
import type { OrderWeights } from 'clusterclip';
import { useRef } from 'preact/hooks';
import { refused, shown } from '../state/exposure';
import { groupsRefused } from '../state/groups';
import { hasWeights } from '../state/options';
import {
  chooseWeights,
  evenIn,
  groups,
  hasTemperature,
  temperature,
  type WeightsFrom,
  weightsFile,
  weightsFrom,
} from '../state/weights';
import { Choice, TextField } from './field';

const RULES: readonly (readonly [WeightsFrom, string])[] = [
  ['default', 'Automatic'],
  ['equal', 'Equal'],
  ['density', 'Density'],
  ['groups', 'Groups'],
  ['size', 'Size'],
  ['file', 'From a file'],
];

/** What weights do that were asked for. */
const WHAT: Partial<Record<OrderWeights['rule'], string>> = {
  equal: 'Each cluster is drawn the same, as in the paper.',
  density: 'Clusters that are alike share their draws, so that topics are drawn evenly.',
  groups: 'Each group of clusters that are alike is drawn the same.',
  size: 'By size, softened: the larger the temperature, the nearer to equal.',
};

/** Why nobody's weights are these. */
const WHY: Partial<Record<OrderWeights['why'], string>> = {
  lexical: 'Equal: rows of words do not tell topics apart, as those of a model do.',
  meaning: 'Density, since the rows carry meaning: clusters that are alike share their draws.',
  strategy: 'Equal: this strategy has other weights only if you choose them.',
  many: 'Equal: there are too many clusters to compare.',
};

/** Which share of the draws each cluster gets. */
export function Weights({ hasTokens }: { hasTokens: boolean }) {
  const isOff = !hasWeights.value;
  const chooser = useRef<HTMLInputElement>(null);
  // Other documents have other weights: what was chosen for those before is no longer named.
  useSignalEffect(() => {
    if (weightsFile.value === null && chooser.current) chooser.current.value = '';
  });
  const isFile = weightsFrom.value === 'file';
  const weights = refused.value ? null : shown.value?.exposure.weights;
  const said = weights ? (WHY[weights.why] ?? WHAT[weights.rule]) : undefined;
  return (
    <>
      <div class="pair">
        <Choice hook="weights" label="Weights" value={weightsFrom} options={RULES} disabled={isOff} />
        <Choice
          hook="even-in"
          label="Even in"
          value={evenIn}
          disabled={isOff}
          options={[
            ['documents', 'Documents'],
            ['tokens', 'Tokens', !hasTokens],
          ]}
        />
      </div>
      <div class="pair">
        <TextField
          hook="temperature"
          label="Temperature"
          value={temperature}
          placeholder={weightsFrom.value === 'size' ? '2' : '1'}
          numeric
          disabled={isOff || !hasTemperature.value}
        />
        <TextField
          hook="groups"
          label="Groups of clusters"
          value={groups}
          placeholder="32 at most"
          numeric
          hint={groupsRefused.value}
        />
      </div>
      <div class="field lone">
        <label for="weights-file">File of weights</label>
        <input
          id="weights-file"
          ref={chooser}
          data-testid="weights-file"
          type="file"
          accept=".csv,.tsv,.jsonl,.ndjson,.json,.parquet,.gz"
          disabled={isOff || !isFile}
          title={weightsFile.value?.name ?? 'columns cluster, weight and, if wanted, clip'}
          onClick={({ currentTarget }) => {
            // The same file may be chosen again after it was changed.
            currentTarget.value = '';
          }}
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) void chooseWeights(file);
          }}
        />
      </div>
      <p class="hint note">{said ?? ''}</p>
    </>
  );
}
