import { areaOf, drawable, type PlotArea, type PlotSeries, tickLabel } from './series.ts';

export interface TerminalPlotOptions {
  readonly title?: string;
  /** Columns and rows of the whole plot, axes and legend included. Default 80 × 16. */
  readonly width?: number;
  readonly height?: number;
  readonly yRange?: readonly [number, number];
  readonly xLabel?: string;
  /** ANSI colours, a colour a series. Default false. */
  readonly color?: boolean;
  /** Plain ASCII marks, for a terminal or a log without Unicode. Default false: braille dots, 2 × 4 a character. */
  readonly ascii?: boolean;
}

const colors = [36, 33, 35, 32, 34, 31];
const marks = ['*', '+', 'o', 'x', '#', '@'];
/** The bit of each dot of a braille character, by row and column (Unicode, block 2800). */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** A line chart as text, for a terminal. Pure; gives lines joined by line breaks, without one at the end. */
export function terminalPlot(series: readonly PlotSeries[], options: TerminalPlotOptions = {}): string {
  const width = Math.max(20, Math.floor(options.width ?? 80));
  const height = Math.max(6, Math.floor(options.height ?? 16));
  const area = areaOf(series, options.yRange);
  const head = options.title === undefined ? [] : [printable(options.title).slice(0, width)];
  if (!area) return [...head, '(no values to plot)'].join('\n');

  const rows = height - head.length - 2 - (series.length > 1 ? 1 : 0);
  const yLabels = [area.y.high, (area.y.low + area.y.high) / 2, area.y.low].map(tickLabel);
  const margin = Math.max(...yLabels.map((label) => label.length)) + 1;
  const columns = width - margin - 1;
  const cells = draw(series, area, columns, Math.max(2, rows), options.ascii ?? false);

  const paint = (text: string, owner: number) =>
    options.color && owner >= 0 ? `\u001b[${colors[owner % colors.length]}m${text}\u001b[0m` : text;
  const labelAt = new Map([
    [0, yLabels[0]!],
    [(cells.length - 1) >> 1, yLabels[1]!],
    [cells.length - 1, yLabels[2]!],
  ]);
  const corner = options.ascii ? '+' : '└';
  const [side, floor] = options.ascii ? ['|', '-'] : ['│', '─'];
  const body = cells.map((row, r) => {
    const line = runs(row)
      .map(({ text, owner }) => paint(text, owner))
      .join('');
    return `${(labelAt.get(r) ?? '').padStart(margin - 1)} ${side}${options.color ? line : line.trimEnd()}`;
  });
  const lines = [...head, ...body, `${' '.repeat(margin)}${corner}${floor.repeat(columns)}`];
  lines.push(`${' '.repeat(margin + 1)}${xAxis(area, columns, options.xLabel).slice(0, columns)}`.trimEnd());
  if (series.length > 1)
    lines.push(
      ...legend(series, width, margin + 1, (name, i) =>
        paint(`${options.ascii ? marks[i % marks.length] : '━'} ${name}`, i),
      ),
    );
  return lines.join('\n');
}

interface Cell {
  text: string;
  /** Which series, −1 for none. */
  owner: number;
}

/** Neighbours of one colour as one, so that they share their escape codes. */
function runs(row: readonly Cell[]): Cell[] {
  const out: Cell[] = [];
  for (const { text, owner } of row) {
    const last = out.at(-1);
    if (last && last.owner === owner) last.text += text;
    else out.push({ text, owner });
  }
  return out;
}

function draw(
  series: readonly PlotSeries[],
  area: PlotArea,
  columns: number,
  rows: number,
  ascii: boolean,
): Cell[][] {
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (): Cell & { bits: number } => ({ text: ' ', owner: -1, bits: 0 })),
  );
  const [dotsX, dotsY] = ascii ? [1, 1] : [2, 4];
  const [wide, high] = [columns * dotsX, rows * dotsY];
  const place = (value: number, { low, high: top }: { low: number; high: number }, size: number) =>
    Math.round(((value - low) / (top - low)) * (size - 1));
  series.forEach(({ x, y }, owner) => {
    const put = (px: number, py: number) => {
      if (py < 0 || py >= high || px < 0 || px >= wide) return; // outside a given range
      const cell = cells[Math.floor((high - 1 - py) / dotsY)]![Math.floor(px / dotsX)]!;
      cell.owner = owner;
      if (ascii) cell.text = marks[owner % marks.length]!;
      else {
        cell.bits |= dots[(high - 1 - py) % 4]![px % 2]!;
        cell.text = String.fromCharCode(0x2800 + cell.bits);
      }
    };
    let last: [number, number] | undefined;
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      if (!drawable(x[i]!) || !drawable(y[i]!)) {
        last = undefined;
        continue;
      }
      const at: [number, number] = [place(x[i]!, area.x, wide), place(y[i]!, area.y, high)];
      line(last ?? at, at, high, put);
      last = at;
    }
  });
  return cells;
}

/** Points on the straight line between two places (Bresenham), clipped to the drawing so that a far value costs nothing. */
function line(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  high: number,
  put: (x: number, y: number) => void,
): void {
  const clip = (y: number) => Math.min(Math.max(y, -1), high);
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(clip(y1) - clip(y0)), 1);
  for (let k = 0; k <= steps; k++)
    put(Math.round(x0 + ((x1 - x0) * k) / steps), Math.round(clip(y0) + ((clip(y1) - clip(y0)) * k) / steps));
}

function xAxis({ x }: PlotArea, columns: number, label: string | undefined): string {
  const [left, right] = [tickLabel(x.low), tickLabel(x.high)];
  const room = columns - left.length - right.length;
  const middle = label === undefined ? '' : printable(label).slice(0, Math.max(0, room - 2));
  const before = Math.max(1, Math.floor((room - middle.length) / 2));
  return `${left}${' '.repeat(before)}${middle}${' '.repeat(Math.max(1, room - middle.length - before))}${right}`;
}

function legend(
  series: readonly PlotSeries[],
  width: number,
  indent: number,
  paint: (name: string, i: number) => string,
): string[] {
  const lines: string[] = [];
  let [line, used] = ['', indent];
  series.forEach(({ name }, i) => {
    const shown = printable(name).slice(0, Math.max(4, width - indent - 2));
    if (used > indent && used + shown.length + 4 > width) {
      lines.push(' '.repeat(indent) + line);
      [line, used] = ['', indent];
    }
    line += `${line === '' ? '' : '  '}${paint(shown, i)}`;
    used += shown.length + 4;
  });
  return [...lines, ' '.repeat(indent) + line];
}

/** Names come from files too: nothing in them may move the cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');
}
