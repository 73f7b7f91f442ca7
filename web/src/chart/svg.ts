/** A chart as an SVG picture of its own: what is on screen, on white, readable anywhere. */
import { faded, lineColour, lineDash } from './colours.ts';
import { type Line, ticks, type Unit } from './data.ts';
import { axisLabels, type Mark, plotted, type View, yRange } from './options.ts';

const width = 720;
const plotHeight = 280;
const left = 60;
const right = 16;
const bottom = 40;
/** Of a letter of the legend and of the title; a picture is read without measuring fonts. */
const letter = { legend: 6.6, title: 8 };

function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, ' ');
}

export function chartSvg(
  title: string,
  lines: readonly Line[],
  settings: { readonly unit: Unit; readonly view: View; readonly marks?: readonly Mark[] },
): string {
  const { unit, view, marks = [] } = settings;
  const { columns, steps, data } = plotted(lines, view);
  const legend = legendPlaces(title, lines);
  const top = 40 + 18 * Math.max(0, ...legend.map(({ row }) => row));
  const height = top + plotHeight + bottom;
  const xLow = view.from ?? steps[0] ?? 0;
  const xHigh = Math.max(view.to ?? steps.at(-1) ?? 1, xLow + 1);
  const inRange = steps.map((step) => step >= xLow && step <= xHigh);
  // As on screen: bands get half as much room again as the lines, not more.
  const extent = (isBand: boolean): [number, number] => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    columns.forEach(({ role }, c) => {
      if ((role === 'low' || role === 'high') !== isBand) return;
      data[c + 1]!.forEach((value, i) => {
        if (value === null || !inRange[i]) return;
        least = Math.min(least, value);
        most = Math.max(most, value);
      });
    });
    return [least, most];
  };
  let [low, high] = extent(false);
  const [lowest, highest] = extent(true);
  const room = (high - low) / 2;
  if (!view.log) {
    low = Math.min(low, Math.max(lowest, low - room));
    high = Math.max(high, Math.min(highest, high + room));
  }
  const known = low <= high;
  const scaled = (value: number) => (view.log ? Math.log10(value) : value);
  const [yLow, yHigh] = view.log
    ? known
      ? [Math.floor(Math.log10(low)), Math.max(Math.ceil(Math.log10(high)), Math.floor(Math.log10(low)) + 1)]
      : [0, 1]
    : yRange(known ? low : null, known ? high : null, unit);
  const x = (step: number) => left + ((step - xLow) / (xHigh - xLow)) * (width - left - right);
  const y = (value: number) =>
    Math.min(
      height - bottom,
      Math.max(top, height - bottom - ((scaled(value) - yLow) / (yHigh - yLow)) * (height - top - bottom)),
    );

  const out: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${left}" y="20" font-size="14" font-weight="600" fill="#171a20">${escaped(title)}</text>`,
  ];
  const yTicks = ticks(yLow, yHigh, 5).filter((tick) => !view.log || Number.isInteger(tick));
  const yValues = yTicks.map((tick) => (view.log ? 10 ** tick : tick));
  axisLabels(yValues, unit).forEach((label, i) => {
    const at = y(yValues[i]!).toFixed(1);
    out.push(
      `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#dfe3e8"/>`,
      `<text x="${left - 6}" y="${at}" dy="4" text-anchor="end" fill="#555e6c">${label}</text>`,
    );
  });
  for (const tick of ticks(xLow, xHigh, 8).filter(Number.isInteger))
    out.push(
      `<text x="${x(tick).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle" fill="#555e6c">${tick}</text>`,
    );
  out.push(
    `<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle" fill="#555e6c">step</text>`,
  );
  for (const { step, kind, text } of marks)
    if (step >= xLow && step <= xHigh)
      out.push(
        `<line x1="${x(step).toFixed(1)}" x2="${x(step).toFixed(1)}" y1="${top}" y2="${height - bottom}" stroke="${kind === 'alarm' ? '#a92018' : '#8a93a1'}" stroke-dasharray="3 3"><title>${escaped(`${kind}: ${text}`)}</title></line>`,
      );
  columns.forEach(({ line, role }, i) => {
    if (role === 'high') {
      const edge = (column: readonly (number | null)[]) =>
        steps.flatMap((step, at) =>
          column[at] === null || !inRange[at] ? [] : [`${x(step).toFixed(1)},${y(column[at]!).toFixed(1)}`],
        );
      const points = [...edge(data[i + 1]!), ...edge(data[i]!).reverse()];
      if (points.length > 2)
        out.push(`<polygon points="${points.join(' ')}" fill="${faded(lineColour(line, 'light'), 0.15)}"/>`);
    }
    if (role === 'low' || role === 'high') return;
    const colour = lineColour(line, 'light');
    const points = steps.flatMap((step, at) =>
      data[i + 1]![at] === null || !inRange[at]
        ? []
        : [`${x(step).toFixed(1)},${y(data[i + 1]![at]!).toFixed(1)}`],
    );
    if (points.length === 0) return;
    const dash = role === 'value' ? lineDash(line)?.join(' ') : undefined;
    out.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="${role === 'raw' ? 1 : 1.75}"${role === 'raw' ? ' opacity="0.3"' : ''}${dash ? ` stroke-dasharray="${dash}"` : ''} stroke-linejoin="round"/>`,
    );
    if (lines[line]!.dots || points.length === 1)
      for (const point of points) {
        const [cx, cy] = point.split(',');
        out.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
      }
  });
  legend.forEach(({ x: at, row }, i) => {
    const y = 20 + 18 * row;
    out.push(
      `<line x1="${at.toFixed(1)}" x2="${(at + 14).toFixed(1)}" y1="${y - 4}" y2="${y - 4}" stroke="${lineColour(i, 'light')}" stroke-width="2"/>`,
      `<text x="${(at + 18).toFixed(1)}" y="${y}" fill="#171a20">${escaped(lines[i]!.label)}</text>`,
    );
  });
  out.push('</svg>');
  return `${out.join('\n')}\n`;
}

/** Where the names of the lines stand: at the right of the title where there is room, else in rows under it. */
function legendPlaces(title: string, lines: readonly Line[]): { x: number; row: number }[] {
  const widths = lines.map(({ label }) => label.length * letter.legend + 22);
  const whole = widths.reduce((sum, each) => sum + each, 0);
  const besideTitle = left + title.length * letter.title + 16 + whole <= width - right;
  let x = besideTitle ? width - right - whole : left;
  let row = besideTitle ? 0 : 1;
  return widths.map((own) => {
    if (!besideTitle && x > left && x + own > width - right) {
      x = left;
      row++;
    }
    const place = { x, row };
    x += own;
    return place;
  });
}
