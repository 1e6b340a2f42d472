import type { OrderWeights } from 'clusterclip';
import { refused, shown } from '../state/exposure';
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
  ['default', 'What suits the rows'],
  ['equal', 'Equal: each cluster the same'],
  ['density', 'Density: topics evenly'],
  ['groups', 'Groups: each group the same'],
  ['size', 'Size, softened'],
  ['file', 'From a file'],
];

/** Why nobody's weights are these. */
const WHY: Partial<Record<OrderWeights['why'], string>> = {
  lexical: 'Equal: rows of words do not tell topics apart, as those of a model do.',
  meaning: 'Density, since the rows carry meaning: clusters that are alike share their draws.',
  strategy: 'Equal: with this strategy others only where they are asked for.',
  many: 'Equal: there are too many clusters to compare.',
};

/** Which share of the draws each cluster gets. */
export function Weights({ hasTokens }: { hasTokens: boolean }) {
  const isOff = !hasWeights.value;
  const isFile = weightsFrom.value === 'file';
  const why = refused.value ? undefined : shown.value?.exposure.weights?.why;
  return (
    <>
      <div class="pair">
        <Choice hook="weights" label="Weights" value={weightsFrom} options={RULES} disabled={isOff} />
        <div class="field">
          <label for="weights-file">Their file</label>
          <input
            id="weights-file"
            data-testid="weights-file"
            type="file"
            accept=".csv,.tsv,.jsonl,.ndjson,.json,.parquet,.gz"
            disabled={isOff || !isFile}
            title={weightsFile.value?.name ?? 'columns cluster, weight and, if wanted, clip'}
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) void chooseWeights(file);
            }}
          />
        </div>
      </div>
      <div class="triple">
        <TextField
          hook="temperature"
          label="Temperature"
          value={temperature}
          placeholder={weightsFrom.value === 'size' ? '2' : '1'}
          numeric
          disabled={isOff || !hasTemperature.value}
        />
        <TextField hook="groups" label="Groups" value={groups} placeholder="32 at most" numeric />
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
      <p class="hint note">{(why && WHY[why]) ?? ''}</p>
    </>
  );
}
