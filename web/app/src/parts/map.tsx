import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { cssColour } from '../map/colours';
import { MapView } from '../map/view';
import {
  type Clustered,
  clustered,
  matches,
  needle,
  offMap,
  type Shown,
  select,
  selected,
} from '../state/results';
import { dataset } from '../state/source';
import { isDark } from '../state/theme';
import { count, counted } from './words';

/** Milliseconds that a pointer rests before the text of a document is asked for. */
const REST = 60;

/** Characters of a text that the card shows. */
const CARD = 320;

/** The document that is pointed at. */
interface Card {
  row: number;
  x: number;
  y: number;
  document: Shown | null;
  /** The run that it is of. */
  of: Clustered | null;
}

/** The documents in two dimensions. */
export function MapPanel() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<MapView | null>(null);
  const card = useSignal<Card | null>(null);

  useEffect(() => {
    if (!canvas.current) return;
    let timer = 0;
    const made = new MapView(canvas.current, {
      onPoint(row, x, y) {
        if (row === card.peek()?.row) return;
        clearTimeout(timer);
        const of = clustered.peek();
        card.value = row === null ? null : { row, x, y, document: null, of };
        if (row === null) return;
        timer = window.setTimeout(async () => {
          const document = await text(row);
          if (card.peek()?.row === row) card.value = { row, x, y, document, of };
        }, REST);
      },
      onClick(row) {
        const label = row === null ? undefined : clustered.peek()?.labels[row];
        select(label === undefined || label < 0 ? null : label);
      },
      onEscape: () => select(null),
    });
    view.current = made;
    return () => made.destroy();
  }, [card]);

  useSignalEffect(() => {
    const found = clustered.value;
    // What was pointed at may be gone.
    if (card.peek() && card.peek()?.of !== found) card.value = null;
    const looks = {
      labels: found?.labels ?? new Int32Array(),
      isDark: isDark.value,
      selected: selected.value,
      found: matches.value && flags(matches.value, found?.labels.length ?? 0),
    };
    view.current?.show(found?.points ?? NOTHING, looks);
  });

  const found = clustered.value;
  return (
    <section class="panel map" id="map" aria-labelledby="map-title" data-testid="map">
      <div class="head">
        <h2 id="map-title">Map</h2>
        <Search />
        <div class="tools">
          <button
            type="button"
            class="tool"
            aria-label="Zoom in"
            disabled={!found}
            onClick={() => view.current?.zoom(1.5)}
          >
            +
          </button>
          <button
            type="button"
            class="tool"
            aria-label="Zoom out"
            disabled={!found}
            onClick={() => view.current?.zoom(1 / 1.5)}
          >
            −
          </button>
          <button type="button" class="tool wide" disabled={!found} onClick={() => view.current?.reset()}>
            Reset
          </button>
        </div>
      </div>
      <div class="stage">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: keys pan and zoom it, and the table tells the same. */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="map"
          aria-label="Map of the documents. Arrow keys and two fingers pan, plus and minus and two fingers zoom, 0 shows all, Escape selects nothing. The table below has the same clusters."
        />
        {!found && (
          <p class="nothing">
            After a run, documents lie here: like ones close together.
            <span class="fingers">Two fingers move and zoom the map.</span>
          </p>
        )}
        {card.value && <CardOf card={card.value} />}
      </div>
      <p class="hint">{found && about(found)}</p>
    </section>
  );
}

const NOTHING = new Float32Array();

/** What is on the map, and how it came there. */
function about({ nDocuments, nClusters, iterations, seconds, device }: Clustered): string {
  const left = offMap.value;
  return [
    `${counted(nDocuments, 'document')} in ${counted(nClusters, 'cluster')}, laid out by their two principal components`,
    `${device.name}, ${counted(iterations, 'iteration')}, ${seconds.toFixed(1)} s`,
    ...(left > 0 ? [`${count(left)} without features are not on the map`] : []),
  ].join(' · ');
}

function flags(rows: Uint32Array, length: number): Uint8Array {
  const found = new Uint8Array(length);
  for (const row of rows) found[row] = 1;
  return found;
}

async function text(row: number): Promise<Shown | null> {
  const data = dataset.peek();
  if (!data?.summary.hasTexts) return { row, id: `row ${row}`, text: '' };
  try {
    return (await data.documents([row], { maxLength: CARD }))[0] ?? null;
  } catch {
    // The file was closed meanwhile, and with it the card.
    return null;
  }
}

function CardOf({ card: { row, x, y, document } }: { card: Card }) {
  const label = clustered.value?.labels[row] ?? -1;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current;
    const stage = box?.parentElement;
    if (!box || !stage) return;
    // Beside the point, within the map.
    const left = Math.min(Math.max(x + 14, 8), stage.clientWidth - box.offsetWidth - 8);
    const top = y + 14 + box.offsetHeight > stage.clientHeight ? y - box.offsetHeight - 14 : y + 14;
    box.style.left = `${left}px`;
    box.style.top = `${Math.max(top, 8)}px`;
  });
  return (
    <div class="card" ref={place}>
      <p class="card-head">
        <Dot cluster={label} /> cluster {label} · {document?.id ?? `row ${row}`}
      </p>
      <p class="card-text">{document?.text ?? '…'}</p>
    </div>
  );
}

/** The colour of a cluster. */
export function Dot({ cluster }: { cluster: number }) {
  const dot = useRef<HTMLSpanElement>(null);
  useSignalEffect(() => {
    // The policy of the page allows no style attributes in markup; this is none.
    dot.current?.style.setProperty('background', cssColour(cluster, isDark.value));
  });
  useEffect(() => {
    dot.current?.style.setProperty('background', cssColour(cluster, isDark.peek()));
  }, [cluster]);
  return <span class="dot" ref={dot} aria-hidden="true" />;
}

function Search() {
  const found = matches.value;
  const hasTexts = dataset.value?.summary.hasTexts ?? false;
  return (
    <div class="search">
      <input
        type="search"
        data-testid="search"
        aria-label="Search documents"
        placeholder="Search documents"
        autocomplete="off"
        spellcheck={false}
        disabled={!hasTexts || !clustered.value}
        value={needle.value}
        onInput={({ currentTarget }) => {
          needle.value = currentTarget.value;
        }}
      />
      <span class="hint" aria-live="polite">
        {found ? `${count(found.length)} found` : ''}
      </span>
    </div>
  );
}
