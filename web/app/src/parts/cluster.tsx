import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isClipped, refused, shown } from '../state/exposure';
import { type Shown, select, selected } from '../state/results';
import { type Block, drawn, type Row } from '../state/rows';
import { Dot } from './map';
import { count, counted, firstLine, percent } from './words';

/** A cluster; the first of a group that is shown says what the group is. */
export function ClusterRow({ row, block }: { row: Row; block: Block | undefined }) {
  // Its own signal: a selection draws two rows anew, not all.
  const isSelected = useComputed(() => selected.value === row.cluster).value;
  const place = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isSelected && place.current) reveal(place.current);
  }, [isSelected]);
  return (
    <tr class={isSelected ? 'selected' : ''} ref={place}>
      {block?.group != null && <Group block={block} />}
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

/** What a group's clusters are together, those too that are not shown. */
function Group({ block: { rows, all } }: { block: Block }) {
  const exposure = refused.value ? undefined : shown.value?.exposure;
  const draws = all.reduce((sum, { cluster }) => sum + (drawn.value.get(cluster)?.draws ?? 0), 0);
  const share = all.reduce((sum, { share }) => sum + share, 0);
  return (
    <th scope="rowgroup" rowSpan={rows.length} class="group">
      {counted(all.length, 'cluster')}
      <p class="hint">{percent(share)} of the documents</p>
      <p class="hint">{exposure ? percent(draws / exposure.draws) : '–'} of the order</p>
    </th>
  );
}

/** The cells that follow the options: these alone are drawn anew with them. */
function Drawn({ cluster }: { cluster: number }) {
  // Where there is no order, nothing is said of it.
  const exposure = refused.value ? undefined : shown.value?.exposure;
  const { draws = 0, epochs = 0 } = drawn.value.get(cluster) ?? {};
  return (
    <>
      <td class="number">{exposure ? percent(draws / exposure.draws) : '–'}</td>
      <td class="number">
        {exposure && isClipped(exposure, drawn.value.get(cluster)) && (
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
