import { useSignal, useSignalEffect } from '@preact/signals';
import type { ClusterExposure, Exposure } from 'clusterclip';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { type Bars, chart } from '../chart/chart';
import { isClipped, isComputing, refused, type Shown, shown } from '../state/exposure';
import { clustered, select, selected } from '../state/results';
import { isDark } from '../state/theme';
import { count, counted, percent } from './words';

const NOTHING = 'After a run, the share of each cluster in the documents and in the order is drawn here.';

/** What the options do to every cluster, beside what drawing at random would do. */
export function ExposurePanel() {
  const place = useRef<HTMLDivElement>(null);
  const pointed = useSignal<number | null>(null);
  const plot = useRef<{ plot: uPlot; bars: Bars } | null>(null);

  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = chart(box, {
      onClick: select,
      onPoint: (cluster) => {
        pointed.value = cluster;
      },
    });
    plot.current = made;
    const sizes = new ResizeObserver(() => {
      made.plot.setSize({ width: box.clientWidth, height: box.clientHeight });
    });
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      made.plot.destroy();
    };
  }, [pointed]);

  useSignalEffect(() => {
    const now = shown.value;
    // The colours are those of the theme.
    isDark.value;
    plot.current?.bars.show(now?.exposure ?? null, now?.random.documents ?? 1, selected.value);
  });

  return (
    <section
      class="panel exposure"
      aria-labelledby="exposure-title"
      aria-busy={isComputing.value}
      data-testid="exposure"
    >
      <div class="head">
        <h2 id="exposure-title">Exposure</h2>
        <ul class="legend" aria-label="Legend">
          <li>
            <span class="key documents" /> share of the documents: what Random draws
          </li>
          <li>
            <span class="key order" /> share of the order
          </li>
          <li>
            <span class="key clipped" /> stopped by the clip
          </li>
        </ul>
      </div>
      <div class={`chart${shown.value ? '' : ' blank'}${refused.value ? ' old' : ''}`}>
        <div class="plot" ref={place} role="img" aria-label={sentence()} />
        {!shown.value && <p class="nothing">{NOTHING}</p>}
      </div>
      <p class="hint pointed">{about(pointed.value ?? selected.value)}</p>
      <Figures />
      <p class="hint topics" data-testid="topics">
        {topics()}
      </p>
    </section>
  );
}

/** One cluster in words. */
function about(cluster: number | null): string {
  const now = shown.value;
  if (!now || refused.value) return '';
  const found = now.exposure.clusters.find((other) => other.cluster === cluster);
  const isLeftOut = now.random.clusters.some((other) => other.cluster === cluster);
  if (!found && isLeftOut) return `Cluster ${cluster}: left out by weight 0.`;
  if (!found) return 'Point at a cluster for its figures; a click selects it.';
  const { size, weight, draws, epochs, clipPosition } = found;
  const weighed = weight === 1 ? '' : `, weight ${weight.toPrecision(3)}`;
  const stopped = clipPosition === null ? '' : `, ${stops(now.exposure)} at position ${count(clipPosition)}`;
  const keywords = clustered.value?.keywords[found.cluster]?.slice(0, 3).join(', ');
  return `Cluster ${found.cluster}${keywords && ` (${keywords})`}: ${percent(size / now.random.documents)} of the documents, ${percent(
    draws / now.exposure.draws,
  )} of the order, each document ${epochs.toFixed(2)} times${weighed}${stopped}.`;
}

/** How many topics the order has, in a sentence; nothing where that cannot be told. */
function topics(): string {
  const found = refused.value ? null : shown.value?.exposure.topics;
  if (!found) return '';
  const equal = found.equal === undefined ? '' : `with equal weights ${figure(found.equal)}, `;
  return `Drawn as evenly as ${figure(found.order)} topics that have nothing in common (${equal}at random ${figure(
    found.random,
  )}). It compares orders over these clusters, no others.`;
}

/** What happens to a cluster where the clip acts on it: general to specific has one draw a document, and its reverse begins with it. */
function stops({ strategy }: Exposure): string {
  if (strategy === 's2g') return 'begun';
  return strategy === 'g2s' ? 'used up' : 'stopped by the clip';
}

/** Whether the clip acts on a cluster; with the strategies of one draw a document, whether it is left or begun on the way. */
function isOut(exposure: Exposure, cluster: ClusterExposure): boolean {
  return isClipped(exposure, cluster) || cluster.clipPosition !== null;
}

/** The chart in words. */
function sentence(): string {
  const now = shown.value;
  if (!now) return NOTHING;
  const { exposure } = now;
  const clipped = exposure.clusters.filter((cluster) => isOut(exposure, cluster)).length;
  return `Shares of ${counted(exposure.clusters.length, 'cluster')}, the largest first: ${count(
    exposure.draws,
  )} draws, ${clipped} clusters ${stops(exposure)} on the way. The table has the figures.`;
}

function effective({ effectiveClusters }: Exposure): string {
  return figure(effectiveClusters);
}

function figure(value: number): string {
  return value < 100 ? value.toFixed(1) : count(Math.round(value));
}

/** How many documents weights of 0 leave out. */
function leftOut({ exposure, random }: Shown): string {
  const left = random.documents - exposure.documents;
  return left > 0 ? `, ${count(left)} left out by weight 0` : '';
}

function Figures() {
  const now = refused.value ? null : shown.value;
  const clipped = now?.exposure.clusters.filter((cluster) => isOut(now.exposure, cluster)) ?? [];
  const first = clipped.reduce(
    (least, { clipPosition }) => Math.min(least, clipPosition ?? least),
    Number.POSITIVE_INFINITY,
  );
  const facts: [label: string, value: string, beside: string][] = [
    [
      'Draws',
      now ? count(now.exposure.draws) : '–',
      now ? `of ${counted(now.exposure.documents, 'document')}${leftOut(now)}` : '',
    ],
    [
      'Coverage',
      now ? percent(now.exposure.coverage) : '–',
      now ? `Random: ${percent(now.random.coverage)}` : 'documents drawn at all',
    ],
    [
      'Effective clusters',
      now ? effective(now.exposure) : '–',
      now ? `Random: ${effective(now.random)} of ${count(now.random.clusters.length)}` : '',
    ],
    [
      now && !['cluster-clip', 'unimax'].includes(now.exposure.strategy) ? 'Left on the way' : 'Clipped',
      now ? counted(clipped.length, 'cluster') : '–',
      now && clipped.length > 0
        ? Number.isFinite(first)
          ? `first at position ${count(first)}`
          : 'drawn as often as they may be'
        : now
          ? now.exposure.clip === null
            ? 'this strategy has no clip'
            : 'the clip does not act at this budget'
          : '',
    ],
  ];
  return (
    <>
      <dl class="figures">
        {facts.map(([label, value, beside]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
            <dd class="hint">{beside}</dd>
          </div>
        ))}
      </dl>
      <p class="hint expected">{now?.exposure.expected ? 'These figures are expectations.' : ''}</p>
    </>
  );
}
