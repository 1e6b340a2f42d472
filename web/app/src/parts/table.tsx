import { computed, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { refused, shown } from '../state/exposure';
import { clustered, type Shown, select, selected } from '../state/results';
import { Dot } from './map';
import { count, firstLine, percent } from './words';

/** Rows that are shown before a person asks for all. */
const FIRST = 100;

/** What a run has found of a cluster; what the order makes of it is apart, because it follows the options. */
interface Row {
  cluster: number;
  size: number;
  share: number;
  keywords: string[];
  nearest: Shown[];
}

const all = computed((): Row[] => {
  const found = clustered.value;
  if (!found) return [];
  return found.counts.map((size, cluster) => ({
    cluster,
    size,
    share: size / Math.max(found.nDocuments, 1),
    keywords: found.keywords[cluster] ?? [],
    nearest: found.nearest[cluster] ?? [],
  }));
});

/** What the order makes of each cluster; nothing of those without documents. */
const drawn = computed(
  () => new Map(shown.value?.exposure.clusters.map((cluster) => [cluster.cluster, cluster])),
);

/** What rows are sorted by. */
const VALUES = {
  cluster: ({ cluster }: Row) => cluster,
  size: ({ size }: Row) => size,
  ofOrder: ({ cluster }: Row) => drawn.value.get(cluster)?.draws ?? 0,
  epochs: ({ cluster }: Row) => drawn.value.get(cluster)?.epochs ?? 0,
};

type Key = keyof typeof VALUES;

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
          <tbody>
            {rows.value.filter(isShown).map((row) => (
              <RowOf key={row.cluster} row={row} />
            ))}
          </tbody>
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

function RowOf({ row }: { row: Row }) {
  // Its own signal: a selection draws two rows anew, not all.
  const isSelected = useComputed(() => selected.value === row.cluster).value;
  const place = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isSelected && place.current) reveal(place.current);
  }, [isSelected]);
  return (
    <tr class={isSelected ? 'selected' : ''} ref={place}>
      <th scope="row">
        <button
          type="button"
          class="pick"
          aria-pressed={isSelected}
          aria-label={`Cluster ${row.cluster}`}
          onClick={() => select(row.cluster)}
        >
          <Dot cluster={row.cluster} />
          {row.cluster}
        </button>
      </th>
      <td class="number">{count(row.size)}</td>
      <td class="number">{percent(row.share)}</td>
      <Drawn cluster={row.cluster} />
      <td class="about">
        {row.keywords.length > 0 && <p class="keywords">{row.keywords.join(', ')}</p>}
        <Nearest documents={row.nearest} />
      </td>
    </tr>
  );
}

/** The cells that follow the options: these alone are drawn anew with them. */
function Drawn({ cluster }: { cluster: number }) {
  // Where there is no order, nothing is said of it.
  const exposure = refused.value ? undefined : shown.value?.exposure;
  const { draws = 0, epochs = 0, clipPosition = null } = drawn.value.get(cluster) ?? {};
  return (
    <>
      <td class="number">{exposure ? percent(draws / exposure.draws) : '–'}</td>
      <td class="number">
        {exposure?.strategy === 'cluster-clip' && clipPosition !== null && (
          <span class="clip-mark" title="stopped by the clip">
            clipped
          </span>
        )}{' '}
        {exposure ? epochs.toFixed(2) : '–'}
      </td>
    </>
  );
}

/** Scrolls the table, and not the page, so that a row is seen. */
function reveal(row: HTMLTableRowElement): void {
  const box = row.closest('.scroll');
  const head = row.closest('table')?.tHead;
  if (!box || !head) return;
  const [seen, own] = [box.getBoundingClientRect(), row.getBoundingClientRect()];
  const above = seen.top + head.offsetHeight - own.top;
  const below = own.bottom - seen.bottom;
  if (above > 0) box.scrollTop -= above;
  else if (below > 0) box.scrollTop += below;
}

/** The documents nearest to a centroid: the first one, and the others when a person asks. */
function Nearest({ documents }: { documents: Shown[] }) {
  const [first, ...others] = documents;
  if (!first) return null;
  if (first.text === '') return <p class="line">rows {documents.map(({ row }) => row).join(', ')}</p>;
  if (others.length === 0) return <p class="line">{firstLine(first.text)}</p>;
  return (
    <details>
      <summary>
        <span class="line">{firstLine(first.text)}</span>
      </summary>
      <ul>
        {others.map(({ row, text }) => (
          <li key={row}>{firstLine(text)}</li>
        ))}
      </ul>
    </details>
  );
}
