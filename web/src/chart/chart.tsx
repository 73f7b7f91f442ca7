/** One chart: lines over steps with a read-out, zoom by dragging, and export. Its height never changes. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { number } from '../format.ts';
import { useShownTheme } from '../theme.tsx';
import type { Line, Unit } from './data.ts';
import { type Mark, type Plotted, plotted, readout, uplotOptions, type View } from './options.ts';
import { Swatch } from './swatch.tsx';

export interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit: Unit;
  readonly view: View;
  readonly marks?: readonly Mark[];
  readonly height?: number;
  /** Charts with the same key share their cursor. */
  readonly syncKey: string;
  /** Lines that there is room for from the start, so that one that comes later moves nothing. */
  readonly room?: number;
  readonly onRange?: (from: number, to: number) => void;
}

const noMarks: readonly Mark[] = [];

export function Chart({
  title,
  lines,
  unit,
  view,
  marks = noMarks,
  height = 170,
  syncKey,
  room = 1,
  onRange,
}: ChartProps) {
  const theme = useShownTheme();
  const host = useRef<HTMLDivElement>(null);
  const at = useRef<HTMLSpanElement>(null);
  const values = useRef<(HTMLSpanElement | null)[]>([]);
  const plot = useRef<uPlot | undefined>(undefined);
  const now = useRef<{ data: Plotted; marks: readonly Mark[]; onRange?: ChartProps['onRange'] }>({
    data: { columns: [], data: [[]], steps: [] },
    marks,
    onRange,
  });
  now.current = { data: plotted(lines, view), marks, onRange };

  /** The numbers under the cursor, or the newest; written past the framework, since it happens at every mouse move. */
  const show = (u: uPlot | undefined): void => {
    const { steps, data, columns } = now.current.data;
    const place = u?.cursor.idx ?? null;
    const hovered = place !== null && (u?.cursor.left ?? -1) >= 0;
    const i = hovered ? place : steps.length - 1;
    const marked = hovered ? now.current.marks.filter(({ step }) => step === steps[i]) : [];
    const said: string[] = [];
    columns.forEach(({ line, role }, c) => {
      if (role !== 'value') return;
      const column = data[c + 1]!;
      let value = column[i];
      // The newest value of a line that has none at the last step (held-out rates) is further back.
      if (!hovered) for (let back = i; back >= 0 && value == null; back--) value = column[back];
      const text = readout(value, unit);
      const cell = values.current[line];
      if (cell && cell.textContent !== text) cell.textContent = text;
      said.push(`${lines[line]?.label} ${text}`);
    });
    const step = steps[i];
    const hidden =
      view.log &&
      step !== undefined &&
      data.slice(1).every((column) => column.every((each) => each === null));
    const where =
      step === undefined
        ? 'no data'
        : hidden
          ? 'nothing above zero for a log scale'
          : `step ${number(step, 12)}`;
    const notes = marked.map(({ kind, text }) => ` · ${kind}${text === '' ? '' : `: ${text}`}`).join('');
    if (at.current) at.current.textContent = where + notes;
    const slider = host.current;
    if (!slider) return;
    slider.setAttribute('aria-valuenow', String(step ?? 0));
    slider.setAttribute('aria-valuetext', `${where}${notes}: ${said.join(', ')}`);
  };
  const showLatest = useRef(show);
  showLatest.current = show;

  const shape = `${theme} ${unit} ${view.log} ${now.current.data.columns.map(({ line, role }) => `${line}${role}${lines[line]!.dots}`).join()} ${height}`;
  const latestView = useRef(view);
  latestView.current = view;

  useEffect(() => {
    const element = host.current!;
    const viewNow: View = {
      get smoothing() {
        return latestView.current.smoothing;
      },
      get from() {
        return latestView.current.from;
      },
      get to() {
        return latestView.current.to;
      },
      log: view.log,
    };
    const u = new uPlot(
      uplotOptions({
        lines,
        columns: now.current.data.columns,
        unit,
        view: viewNow,
        theme,
        size: { width: element.clientWidth, height },
        syncKey,
        marks: () => now.current.marks,
        onCursor: (each) => showLatest.current(each),
        onSelect: (from, to) => now.current.onRange?.(from, to),
      }),
      now.current.data.data as uPlot.AlignedData,
      element,
    );
    plot.current = u;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== u.width)
        u.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = undefined;
      u.destroy();
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(now.current.data.data as uPlot.AlignedData);
    showLatest.current(plot.current);
  }, [lines, marks, view.smoothing, view.from, view.to, shape]);

  const wanted = Math.max(room, lines.length);
  const legend = {
    class: wanted === 1 ? 'one' : wanted <= 4 ? 'few' : '',
    rows: Math.ceil(wanted / (wanted === 1 ? 1 : wanted <= 4 ? 2 : 3)),
  };
  const steps = now.current.data.steps;
  const move = (event: KeyboardEvent): void => {
    const u = plot.current;
    if (!u || steps.length === 0) return;
    const here = u.cursor.idx ?? steps.length - 1;
    const far = Math.max(1, Math.round(steps.length / 10));
    const to = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      ArrowDown: here - 1,
      ArrowUp: here + 1,
      PageDown: here - far,
      PageUp: here + far,
      Home: 0,
      End: steps.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const place = Math.min(Math.max(to, 0), steps.length - 1);
    u.setCursor({ left: u.valToPos(steps[place]!, 'x'), top: 10 });
  };

  return (
    <div class="chart">
      <div class="readout">
        <span class="at" ref={at}>
          &nbsp;
        </span>
        <ul class={`legend ${legend.class}`} style={{ minHeight: `${legend.rows * 18}px` }}>
          {lines.map(({ name, label }, i) => (
            <li key={name} title={label}>
              <Swatch line={i} />
              <span class="name">{label}</span>
              <span
                class="value"
                ref={(element) => {
                  values.current[i] = element;
                }}
              />
            </li>
          ))}
        </ul>
      </div>
      <div
        class="plot"
        ref={host}
        role="slider"
        tabIndex={0}
        aria-label={`${title}: read out at a step`}
        aria-valuemin={steps[0] ?? 0}
        aria-valuemax={steps.at(-1) ?? 0}
        aria-valuenow={steps.at(-1) ?? 0}
        aria-orientation="horizontal"
        onKeyDown={move}
        onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      />
    </div>
  );
}
