import { useComputed, useSignal } from '@preact/signals';
import { groupOf } from '../state/groups';
import { clustered, selected } from '../state/results';
import { rows as all, blocks, type Key, type Row, VALUES } from '../state/rows';
import { ClusterRow } from './cluster';
import { count } from './words';

/** Rows that are shown before a person asks for all. */
const FIRST = 100;

const COLUMNS: readonly (readonly [key: Key | null, label: string, isNumber: boolean])[] = [
  ['cluster', 'Cluster', false],
  ['size', 'Documents', true],
  [null, 'Share', true],
  ['ofOrder', 'Of the order', true],
  ['epochs', 'Epochs', true],
  [null, 'Keywords and nearest documents', false],
];

/** The clusters, one a row. */
export function Table() {
  const key = useSignal<Key>('size');
  const isDown = useSignal(true);
  const filter = useSignal('');
  const showsAll = useSignal(false);

  const rows = useComputed(() => {
    const wanted = filter.value.trim().toLowerCase();
    const isWanted = ({ cluster, keywords, nearest }: Row) =>
      wanted === '' ||
      String(cluster) === wanted ||
      keywords.some((word) => word.includes(wanted)) ||
      nearest.some(({ text }) => text.toLowerCase().includes(wanted));
    const by = VALUES[key.value];
    const sign = isDown.value ? -1 : 1;
    return all.value.filter(isWanted).sort((a, b) => sign * (by(a) - by(b)) || a.cluster - b.cluster);
  });

  const sort = (by: Key) => {
    // Numbers of clusters begin low, everything else high.
    isDown.value = key.value === by ? !isDown.value : by !== 'cluster';
    key.value = by;
  };
  const most = showsAll.value ? rows.value.length : FIRST;
  // The one that was selected on the map or the chart is not among those left out.
  const isShown = ({ cluster }: Row, rank: number) => rank < most || cluster === selected.value;
  return (
    <section class="panel table" aria-labelledby="table-title">
      <div class="head">
        <h2 id="table-title">Clusters</h2>
        <div class="search">
          <input
            type="search"
            data-testid="table-search"
            aria-label="Filter clusters"
            placeholder="Filter by word or number"
            autocomplete="off"
            spellcheck={false}
            disabled={!clustered.value}
            value={filter.value}
            onInput={({ currentTarget }) => {
              filter.value = currentTarget.value;
            }}
          />
          <span class="hint" aria-live="polite">
            {filter.value.trim() ? `${count(rows.value.length)} found` : ''}
          </span>
        </div>
      </div>
      <div class="scroll">
        <table data-testid="clusters-table">
          <thead>
            <tr>
              {groupOf.value && (
                <th scope="col" class="group">
                  Group
                </th>
              )}
              {COLUMNS.map(([by, label, isNumber]) => (
                <th
                  key={label}
                  scope="col"
                  class={isNumber ? 'number' : ''}
                  aria-sort={ariaSort(by, key.value, isDown.value)}
                >
                  {by ? (
                    <button type="button" onClick={() => sort(by)}>
                      {label}
                      <span class="arrow" aria-hidden="true">
                        {key.value === by ? (isDown.value ? '↓' : '↑') : ''}
                      </span>
                    </button>
                  ) : (
                    label
                  )}
                </th>
              ))}
            </tr>
          </thead>
          {blocks(rows.value.filter(isShown)).map((block) => (
            <tbody key={block.group}>
              {block.rows.map((row, at) => (
                <ClusterRow key={row.cluster} row={row} block={at === 0 ? block : undefined} />
              ))}
            </tbody>
          ))}
        </table>
        {!clustered.value && <p class="hint empty">After a run, each cluster has a row here.</p>}
      </div>
      {rows.value.length > most && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            showsAll.value = true;
          }}
        >
          Show all {count(rows.value.length)}
        </button>
      )}
    </section>
  );
}

function ariaSort(by: Key | null, key: Key, isDown: boolean) {
  if (by !== key) return by ? 'none' : undefined;
  return isDown ? 'descending' : 'ascending';
}
