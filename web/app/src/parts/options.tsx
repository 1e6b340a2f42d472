import {
  type BudgetKind,
  budget,
  budgetKind,
  clip,
  clusters,
  device,
  hasClip,
  type Strategy,
  seed,
  strategy,
} from '../state/options';
import { knowsTokens } from '../state/results';
import { isStale, machine, run } from '../state/run';
import { dataset, summary } from '../state/source';
import { cancel, isBusy } from '../state/work';
import { EmbedderChoice } from './embedder';
import { Choice, TextField } from './field';
import { Weights } from './weights';

const STRATEGIES: readonly (readonly [Strategy, string])[] = [
  ['cluster-clip', 'ClusterClip: evenly, clipped'],
  ['unimax', 'UniMax: the same mix throughout'],
  ['uniform', 'Uniform: evenly, no clip'],
  ['random', 'Random: whatever the topic'],
  ['g2s', 'General to specific'],
  ['s2g', 'Specific to general'],
];

/** The second step: how to cluster and how to draw. */
export function Options() {
  const read = summary.value;
  const hasTokens = (read?.withTokens ?? 0) > 0 || knowsTokens.value;
  const budgets: readonly (readonly [BudgetKind, string, boolean?])[] = [
    ['epochs', 'Epochs'],
    ['documents', 'Documents'],
    ['tokens', 'Tokens', !hasTokens],
  ];
  return (
    <section class="panel" aria-labelledby="options-title">
      <h2 id="options-title">Clusters</h2>
      <EmbedderChoice />
      <div class="pair">
        <TextField
          hook="clusters"
          label="Clusters"
          value={clusters}
          placeholder={read ? `${read.defaultClusters} (√n)` : '√n'}
          numeric
        />
        <TextField hook="seed" label="Seed" value={seed} placeholder="0" numeric />
      </div>
      <div class="pair">
        <Choice
          hook="device-choice"
          label="Device"
          value={device}
          options={[
            ['auto', 'Automatic'],
            ['gpu', 'GPU'],
            ['cpu', 'CPU'],
          ]}
        />
        <div class="field">
          <span class="label">Works on</span>
          <output class="readout" data-testid="device">
            {machine.value?.name ?? '…'}
          </output>
        </div>
      </div>
      <p class="hint note">{machine.value?.note ?? ''}</p>
      <div class="actions">
        <button
          type="button"
          class="button"
          data-testid="run"
          disabled={!dataset.value || isBusy.value}
          onClick={run}
        >
          Run
        </button>
        <button type="button" class="quiet" data-testid="cancel" disabled={!isBusy.value} onClick={cancel}>
          Cancel
        </button>
        <span class="hint">{isStale.value ? 'Press Run to apply.' : ''}</span>
      </div>
      <h2 class="second">Order</h2>
      <Choice hook="strategy" label="Strategy" value={strategy} options={STRATEGIES} />
      <div class="triple">
        <TextField hook="clip" label="Clip" value={clip} placeholder="5" numeric disabled={!hasClip.value} />
        <TextField hook="budget" label="Budget" value={budget} placeholder="1" numeric />
        <Choice hook="budget-kind" label="in" value={budgetKind} options={budgets} />
      </div>
      <Weights hasTokens={hasTokens} />
    </section>
  );
}
