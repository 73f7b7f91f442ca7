import { areaOf, type Bounds, drawable, type PlotArea, type PlotSeries, tickLabel, ticks } from './series.ts';

export interface SvgPlotOptions {
  readonly title?: string;
  /** Pixels. Default 720 × 360. */
  readonly width?: number;
  readonly height?: number;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly yRange?: readonly [number, number];
  /**
   * A background colour; text is dark on it. When left out the background is clear and lines and text take the colour of the
   * page's text (`currentColor`), so that the picture fits a light and a dark page.
   */
  readonly background?: string;
}

/** Okabe and Ito's palette, told apart by colour-blind readers too and visible on white and on black. */
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9'];
/** From the second round of colours on, lines are dashed. */
const dashes = ['', '6 3', '2 3'];

const font = 12;

/** A line chart as a stand-alone SVG document. Pure; every text is escaped. */
export function svgPlot(series: readonly PlotSeries[], options: SvgPlotOptions = {}): string {
  const width = Math.max(160, Math.floor(options.width ?? 720));
  const height = Math.max(120, Math.floor(options.height ?? 360));
  const ink = options.background === undefined ? 'currentColor' : '#222';
  const area = areaOf(series, options.yRange);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="${font}" fill="${ink}">`,
    `<title>${escaped(options.title ?? series.map(({ name }) => name).join(', '))}</title>`,
  ];
  if (options.background !== undefined)
    parts.push(`<rect width="100%" height="100%" fill="${escaped(options.background)}"/>`);
  if (options.title !== undefined)
    parts.push(
      `<text x="${width / 2}" y="20" text-anchor="middle" font-size="14">${escaped(options.title)}</text>`,
    );
  if (!area) {
    parts.push(
      `<text x="${width / 2}" y="${height / 2}" text-anchor="middle">no values to plot</text>`,
      '</svg>',
    );
    return parts.join('\n');
  }
  const legend = legendOf(series, width);
  const frame = frameOf(area, options, { width, height }, legend.rows);
  parts.push(...axes(area, frame, options, ink));
  series.forEach((one, i) => {
    parts.push(...curve(one, area, frame, style(i)));
  });
  parts.push(...legend.draw(frame));
  parts.push('</svg>');
  return parts.join('\n');
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly yTicks: readonly number[];
  readonly height: number;
}

function frameOf(
  area: PlotArea,
  options: SvgPlotOptions,
  { width, height }: { width: number; height: number },
  legendRows: number,
): Frame {
  const top = options.title === undefined ? 12 : 34;
  const bottom = height - 32 - (options.xLabel === undefined ? 0 : 16) - legendRows * 18;
  const yTicks = ticks(area.y, Math.max(2, (bottom - top) / 45));
  const labels = Math.max(...yTicks.map((tick) => tickLabel(tick).length));
  const left = 10 + labels * 7 + (options.yLabel === undefined ? 0 : 18);
  return { left, right: width - 16, top, bottom, yTicks, height };
}

function axes(area: PlotArea, frame: Frame, options: SvgPlotOptions, ink: string): string[] {
  const { left, right, top, bottom } = frame;
  const parts: string[] = [];
  for (const tick of frame.yTicks) {
    const y = at(tick, area.y, bottom, top);
    parts.push(
      `<line x1="${left}" x2="${right}" y1="${y}" y2="${y}" stroke="${ink}" stroke-opacity="0.15"/>`,
      `<text x="${left - 6}" y="${round(y + 4)}" text-anchor="end">${tickLabel(tick)}</text>`,
    );
  }
  for (const tick of ticks(area.x, Math.max(2, (right - left) / 90))) {
    const x = at(tick, area.x, left, right);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}" stroke="${ink}"/>`,
      `<text x="${x}" y="${bottom + 18}" text-anchor="middle">${tickLabel(tick)}</text>`,
    );
  }
  parts.push(`<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${ink}"/>`);
  if (options.xLabel !== undefined)
    parts.push(
      `<text x="${round((left + right) / 2)}" y="${bottom + 35}" text-anchor="middle">${escaped(options.xLabel)}</text>`,
    );
  if (options.yLabel !== undefined) {
    const middle = round((top + bottom) / 2);
    parts.push(
      `<text x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${escaped(options.yLabel)}</text>`,
    );
  }
  return parts;
}

/** The strokes of one series: a path a stretch without gaps, a dot where a point stands alone. */
function curve({ x, y }: PlotSeries, area: PlotArea, frame: Frame, stroke: string): string[] {
  const stretches: string[][] = [[]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (!drawable(x[i]!) || !drawable(y[i]!)) {
      stretches.push([]);
      continue;
    }
    const clamped = Math.min(Math.max(y[i]!, area.y.low), area.y.high);
    stretches
      .at(-1)!
      .push(`${at(x[i]!, area.x, frame.left, frame.right)} ${at(clamped, area.y, frame.bottom, frame.top)}`);
  }
  return stretches
    .filter((points) => points.length > 0)
    .map((points) => {
      const path = points.length === 1 ? `M${points[0]}h0` : `M${points.join('L')}`;
      const ends = points.length === 1 ? ' stroke-linecap="round" stroke-width="5"' : ' stroke-width="1.8"';
      return `<path d="${path}" fill="none" ${stroke} stroke-linejoin="round"${ends}/>`;
    });
}

function style(i: number): string {
  const dash = dashes[Math.floor(i / palette.length) % dashes.length]!;
  return `stroke="${palette[i % palette.length]}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

/** Names below the chart, in as many rows as they need; none for a single series. */
function legendOf(
  series: readonly PlotSeries[],
  width: number,
): { rows: number; draw(frame: Frame): string[] } {
  if (series.length < 2) return { rows: 0, draw: () => [] };
  const places: { row: number; x: number; name: string }[] = [];
  let [row, x] = [0, 16];
  for (const { name } of series) {
    const shown = name.length > 60 ? `${name.slice(0, 59)}…` : name;
    const size = 30 + shown.length * 7;
    if (x > 16 && x + size > width) [row, x] = [row + 1, 16];
    places.push({ row, x, name: shown });
    x += size;
  }
  const rows = row + 1;
  return {
    rows,
    draw: ({ height }) =>
      places.flatMap((place, i) => {
        const y = height - (rows - place.row) * 18 + 8;
        return [
          `<line x1="${place.x}" x2="${place.x + 16}" y1="${y - 4}" y2="${y - 4}" ${style(i)} stroke-width="2.5"/>`,
          `<text x="${place.x + 20}" y="${y}">${escaped(place.name)}</text>`,
        ];
      }),
  };
}

function at(value: number, { low, high }: Bounds, from: number, to: number): number {
  return round(from + ((value - low) / (high - low)) * (to - from));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text for XML: markup becomes entities, and characters that XML forbids become U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
