/** A chart's lines as uPlot's series, columns and options. */
import type uPlot from 'uplot';
import { number, percent } from '../format.ts';
import { cssColour, faded, lineColour, lineDash } from './colours.ts';
import { align, type Line, smoothed, type Unit } from './data.ts';

export interface Mark {
  readonly step: number;
  readonly kind: string;
  readonly text: string;
}

export interface View {
  /** Weight of the past in [0, 1). */
  readonly smoothing: number;
  readonly log: boolean;
  readonly from?: number;
  readonly to?: number;
}

export interface Column {
  readonly line: number;
  /** `value` is the line that is read out; `raw` lies pale behind a smoothed one; `low` and `high` bound a band. */
  readonly role: 'value' | 'raw' | 'low' | 'high';
}

export interface Plotted {
  readonly columns: readonly Column[];
  readonly data: (number | null)[][];
  readonly steps: number[];
}

/** The columns that are drawn: steps first. On a log scale what is not positive is left out. */
export function plotted(lines: readonly Line[], { smoothing, log }: View): Plotted {
  const columns: Column[] = [];
  const sources: { steps: readonly number[]; values: readonly (number | null)[] }[] = [];
  const add = (column: Column, steps: readonly number[], values: readonly (number | null)[]) => {
    columns.push(column);
    sources.push({ steps, values: log ? values.map((v) => (v !== null && v > 0 ? v : null)) : values });
  };
  lines.forEach((line, i) => {
    const { steps, values, low, high, dots } = line;
    const smooth = smoothing > 0 && !dots;
    if (low && high) {
      const [least, most] = smooth ? [smoothed(low, smoothing), smoothed(high, smoothing)] : [low, high];
      add({ line: i, role: 'low' }, steps, least);
      add({ line: i, role: 'high' }, steps, most);
    }
    if (smooth) add({ line: i, role: 'raw' }, steps, values);
    add({ line: i, role: 'value' }, steps, smooth ? smoothed(values, smoothing) : values);
  });
  const aligned = align(sources);
  return { columns, steps: aligned.steps, data: [aligned.steps, ...aligned.columns] };
}

export function readout(value: number | null | undefined, unit: Unit): string {
  return unit === 'share' ? percent(value) : number(value);
}

/** Labels of an axis: short, and of one kind along it. */
export function axisLabels(values: readonly (number | null)[], unit: Unit): string[] {
  if (unit === 'share') {
    const digits = values.some((v) => v !== null && Math.abs(v * 100 - Math.round(v * 100)) > 1e-6) ? 1 : 0;
    return values.map((v) => (v === null ? '' : `${(100 * v).toFixed(digits)}%`));
  }
  return values.map((v) => {
    if (v === null) return '';
    const size = Math.abs(v);
    if (size >= 1e6) return `${Number((v / 1e6).toPrecision(3))}M`;
    if (size >= 1e4) return `${Number((v / 1e3).toPrecision(3))}k`;
    if (size !== 0 && size < 1e-3) return v.toExponential(0);
    return String(Number(v.toPrecision(4)));
  });
}

/** Shares start at zero; a constant line gets room around it; else a little air. */
export function yRange(low: number | null, high: number | null, unit: Unit): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (unit === 'share') return [Math.min(0, low), Math.max(high * 1.05, Math.min(1, high + 0.02), 0.05)];
  if (low === high) {
    if (low === 0) return [0, 1];
    const room = Math.abs(low) * 0.1;
    return [low - room, high + room];
  }
  const air = (high - low) * 0.06;
  return [low >= 0 && low - air < 0 ? 0 : low - air, high + air];
}

/**
 * Room for bands, but at most half as much again as the lines take: the interval of two seeds may be a hundred times as wide as
 * what they show.
 */
function withBands(u: uPlot, columns: readonly Column[], [low, high]: [number, number]): [number, number] {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = u.scales.x ?? {};
  const room = (high - low) / 2;
  let [least, most] = [low, high];
  columns.forEach(({ role }, c) => {
    if (role !== 'low' && role !== 'high') return;
    u.data[c + 1]?.forEach((value, i) => {
      const step = u.data[0][i]!;
      if (value == null || step < min! || step > max!) return;
      least = Math.min(least, value);
      most = Math.max(most, value);
    });
  });
  // What is never below zero itself is not shown below it for its interval's sake.
  return [Math.max(least, low === 0 ? 0 : low - room), Math.min(most, high + room)];
}

const markColours: { readonly [kind: string]: string } = {
  alarm: '--bad',
  resume: '--warn',
  checkpoint: '--line-strong',
  stage: '--accent',
};

export function uplotOptions(settings: {
  readonly lines: readonly Line[];
  readonly columns: readonly Column[];
  readonly unit: Unit;
  readonly view: View;
  readonly theme: 'light' | 'dark';
  readonly size: { readonly width: number; readonly height: number };
  readonly syncKey: string;
  readonly marks: () => readonly Mark[];
  readonly onCursor: (u: uPlot) => void;
  readonly onSelect: (from: number, to: number) => void;
}): uPlot.Options {
  const { lines, columns, unit, view, theme, size } = settings;
  const muted = cssColour('--muted');
  const grid = cssColour('--line');
  const axis = {
    stroke: muted,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    font: '11px ui-sans-serif, system-ui, sans-serif',
  };
  const bands: uPlot.Band[] = [];
  columns.forEach(({ line, role }, i) => {
    if (role === 'high') bands.push({ series: [i + 1, i], fill: faded(lineColour(line, theme), 0.15) });
  });
  return {
    ...size,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: settings.syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [
          view.from ?? low ?? 0,
          Math.max(view.to ?? high ?? 1, (view.from ?? low ?? 0) + 1e-9),
        ],
      },
      y: view.log
        ? { distr: 3 }
        : { range: (u, low, high) => withBands(u, columns, yRange(low, high, unit)) },
    },
    axes: [
      { ...axis, size: 20, gap: 4, space: 60 },
      {
        ...axis,
        size: 46,
        gap: 4,
        space: 28,
        values: (_, values) => axisLabels(values, unit),
      },
    ],
    bands,
    series: [
      {},
      ...columns.map(({ line, role }): uPlot.Series => {
        const colour = lineColour(line, theme);
        const dots = lines[line]!.dots ?? false;
        if (role === 'low' || role === 'high')
          return { stroke: 'transparent', width: 0, spanGaps: true, auto: view.log, points: { show: false } };
        return {
          stroke: role === 'raw' ? faded(colour, 0.3) : colour,
          width: role === 'raw' ? 1 : 1.5,
          dash: role === 'raw' ? undefined : lineDash(line),
          spanGaps: dots || lines.length > 1,
          points: dots ? { show: true, size: 5, fill: colour } : { show: undefined, size: 4 },
        };
      }),
    ],
    hooks: {
      setCursor: [settings.onCursor],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width < 4) return;
          const from = Math.max(0, Math.round(u.posToVal(left, 'x')));
          const to = Math.round(u.posToVal(left + width, 'x'));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (to > from) settings.onSelect(from, to);
        },
      ],
      draw: [(u) => drawMarks(u, settings.marks())],
    },
  };
}

/** What happened, as a line down the chart with a wedge at its foot. */
function drawMarks(u: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  for (const { step, kind } of marks) {
    const x = Math.round(u.valToPos(step, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const colour = cssColour(markColours[kind] ?? '--line-strong');
    const foot = bbox.top + bbox.height;
    ctx.fillStyle = colour;
    ctx.strokeStyle = colour;
    ctx.lineWidth = ratio;
    if (kind !== 'checkpoint') {
      ctx.setLineDash([3 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, foot);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.moveTo(x - 4 * ratio, foot);
    ctx.lineTo(x + 4 * ratio, foot);
    ctx.lineTo(x, foot - 6 * ratio);
    ctx.fill();
  }
  ctx.restore();
}
