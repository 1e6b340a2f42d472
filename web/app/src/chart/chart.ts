import type { Exposure } from 'clusterclip';
import uPlot from 'uplot';
import { isClipped } from '../state/exposure';

/** What the chart shows of an exposure; the largest cluster first. */
interface Data {
  clusters: number[];
  documents: number[];
  order: number[];
  /** Which of them the clip stops. */
  clipped: boolean[];
}

const NOTHING: Data = { clusters: [], documents: [], order: [], clipped: [] };

/** Shows exposures in a chart. */
export interface Bars {
  show(exposure: Exposure | null, documents: number, selected: number | null): void;
}

function sorted(exposure: Exposure, documents: number): Data {
  const clusters = [...exposure.clusters].sort((a, b) => b.size - a.size || a.cluster - b.cluster);
  return {
    clusters: clusters.map(({ cluster }) => cluster),
    documents: clusters.map(({ size }) => size / documents),
    order: clusters.map(({ draws }) => draws / exposure.draws),
    clipped: clusters.map((cluster) => cluster.clipPosition !== null || isClipped(exposure, cluster)),
  };
}

/** What a person does to the chart: points at a cluster, or at none, and clicks one. */
export interface Pointing {
  onPoint(cluster: number | null): void;
  onClick(cluster: number): void;
}

/** Makes the chart in a box. */
export function chart(box: HTMLElement, { onPoint, onClick }: Pointing): { plot: uPlot; bars: Bars } {
  let data = NOTHING;
  let chosen: number | null = null;
  const colour = (name: string) => () => getComputedStyle(box).getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const steps = uPlot.paths.stepped?.({ align: 1, extend: true } as uPlot.Series.SteppedPathBuilderOpts);
  const series = (more: uPlot.Series): uPlot.Series => ({
    points: { show: false },
    ...(steps ? { paths: steps } : {}),
    ...more,
  });
  const plot = new uPlot(
    {
      width: Math.max(box.clientWidth, 1),
      height: Math.max(box.clientHeight, 1),
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: (_, __, max) => [0, Math.max(max, 1)] },
        y: { range: (_, __, max) => [0, Number.isFinite(max) && max > 0 ? max * 1.06 : 1] },
      },
      axes: [
        { ...axis, label: 'clusters, the largest first', labelSize: 18, size: 34, grid: { show: false } },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => `${+(100 * tick).toPrecision(3)} %`) },
      ],
      series: [
        {},
        series({
          label: 'documents',
          stroke: colour('--documents'),
          fill: colour('--documents-fill'),
          width: 1,
        }),
        series({ label: 'order', stroke: colour('--accent'), width: 2 }),
      ],
      hooks: { drawClear: [(plot) => background(plot, data, chosen, colour)] },
    },
    [[], [], []],
    box,
  );
  const pointed = () => {
    const left = plot.cursor.left ?? -1;
    return left < 0 ? null : (data.clusters[Math.floor(plot.posToVal(left, 'x'))] ?? null);
  };
  plot.over.addEventListener('mousemove', () => onPoint(pointed()));
  plot.over.addEventListener('mouseleave', () => onPoint(null));
  plot.over.addEventListener('click', () => {
    const cluster = pointed();
    if (cluster !== null) onClick(cluster);
  });
  const bars = {
    show(exposure: Exposure | null, documents: number, selected: number | null) {
      data = exposure ? sorted(exposure, documents) : NOTHING;
      chosen = selected;
      // Each step needs an end: the last one is drawn to there.
      const close = (values: number[]) => (values.length > 0 ? [...values, values.at(-1) ?? 0] : []);
      const ranks = close(data.clusters).map((_, rank) => rank);
      plot.setData([ranks, close(data.documents), close(data.order)]);
    },
  };
  return { plot, bars };
}

/** Shades the clusters that the clip stops, and the one that is selected. */
function background(
  plot: uPlot,
  data: Data,
  chosen: number | null,
  colour: (name: string) => () => string,
): void {
  const { ctx, bbox } = plot;
  const band = (from: number, to: number, fill: string, least: number) => {
    const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)];
    ctx.fillStyle = fill;
    ctx.fillRect(left, bbox.top, Math.max(right - left, least), bbox.height);
  };
  ctx.save();
  // Neighbours have one band: seams between bands would show.
  for (let from = data.clipped.indexOf(true); from >= 0; ) {
    const end = data.clipped.indexOf(false, from);
    const to = end < 0 ? data.clipped.length : end;
    band(from, to, colour('--clipped')(), 1);
    from = data.clipped.indexOf(true, to);
  }
  const at = chosen === null ? -1 : data.clusters.indexOf(chosen);
  if (at >= 0) band(at, at + 1, colour('--chosen')(), 3);
  ctx.restore();
}
