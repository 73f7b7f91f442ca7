/** Every metric of a run over its steps. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type AlarmsAnswer, apiUrl, type RunAnswer, runPath, type SeriesAnswer } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { csvOf, type Line, lineOf, withTail } from '../chart/data.ts';
import { type ChartPlan, chartPlans } from '../chart/families.ts';
import type { Mark, View } from '../chart/options.ts';
import { chartSvg } from '../chart/svg.ts';
import { get, useResource } from '../client.ts';
import { dateTime } from '../format.ts';
import { numberIn, setQuery, useAddress } from '../router.ts';
import { Badge, download, Empty, Failure, Scroll } from '../ui/parts.tsx';
import type { LiveRun } from './run-data.ts';

const points = 400;

/** How charts are drawn, as the address says. */
export function useChartView(): View & { readonly wide: string | null } {
  const { query } = useAddress();
  const smoothing = Math.min(0.99, Math.max(0, numberIn(query, 'smooth') ?? 0));
  const log = query.get('log') === '1';
  const from = numberIn(query, 'from');
  const to = numberIn(query, 'to');
  return useMemo(
    () => ({ smoothing, log, from, to, wide: query.get('chart') }),
    [smoothing, log, from, to, query.get('chart')],
  );
}

export function ChartsTab({
  live,
  answer,
  alarms,
}: {
  live: LiveRun;
  answer: RunAnswer;
  alarms: AlarmsAnswer | undefined;
}) {
  const view = useChartView();
  const { metrics } = answer;
  const names = metrics.map(({ name }) => name);
  const url = (these: readonly string[]) =>
    these.length === 0
      ? null
      : apiUrl(`${runPath(answer.run.id)}/series`, { name: these, points, from: view.from, to: view.to });
  // The API takes 100 names at once; two requests are enough for any run that a person would look at.
  const first = useResource<SeriesAnswer>(url(names.slice(0, 100)), live.version);
  const second = useResource<SeriesAnswer>(url(names.slice(100, 200)), live.version);
  const plans = useStableOrder(useMemo(() => chartPlans(metrics), [metrics]));
  const marks = useMemo(() => marksOf(live, alarms), [live.events, alarms]);
  const failed = first.error ?? second.error;

  return (
    <>
      <ChartToolbar view={view} last={live.run?.last ?? 0} />
      {failed && !first.data && <Failure error={failed} retry={first.reload} />}
      {metrics.length === 0 && (
        <Empty title="No step is stored yet">
          {live.run?.activity === 'live'
            ? 'Charts appear with the first step.'
            : 'This run ended before its first step.'}
        </Empty>
      )}
      <div class="charts" aria-busy={first.stale}>
        {plans.map((plan) => (
          <RunChart
            key={plan.id}
            plan={plan}
            run={answer.run.id}
            series={first.data}
            more={second.data}
            live={live}
            view={view}
            marks={marks}
            wide={view.wide === plan.id}
          />
        ))}
      </div>
      <Events marks={marks} live={live} />
    </>
  );
}

/** Charts and their lines keep their places while the page is open; new ones come last, so that nothing moves under the reader's eyes. */
function useStableOrder(plans: readonly ChartPlan[]): ChartPlan[] {
  const order = useRef(new Map<string, string[]>());
  return useMemo(() => {
    const byId = new Map(plans.map((plan) => [plan.id, plan]));
    for (const { id, metrics } of plans) {
      const names = order.current.get(id) ?? [];
      order.current.set(id, [
        ...names,
        ...metrics.map(({ name }) => name).filter((name) => !names.includes(name)),
      ]);
    }
    return [...order.current].flatMap(([id, names]) => {
      const plan = byId.get(id);
      if (!plan) return [];
      return {
        ...plan,
        metrics: plan.metrics.toSorted((x, y) => names.indexOf(x.name) - names.indexOf(y.name)),
      };
    });
  }, [plans]);
}

function marksOf(live: LiveRun, alarms: AlarmsAnswer | undefined): Mark[] {
  const happened = live.events.map(({ step, kind, text }) => ({ step, kind, text }));
  const alarmed = (alarms?.alarms ?? []).map(({ from, rule, text }) => ({
    step: from,
    kind: 'alarm',
    text: `${rule}: ${text}`,
  }));
  return [...happened, ...alarmed].sort((a, b) => a.step - b.step);
}

export function ChartToolbar({ view, last }: { view: View; last: number }) {
  const zoomed = view.from !== undefined || view.to !== undefined;
  return (
    <fieldset class="toolbar" aria-label="How the charts are drawn">
      <label class="field">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.98}
          step={0.02}
          value={view.smoothing}
          onInput={(event) =>
            setQuery(
              { smooth: event.currentTarget.value === '0' ? null : event.currentTarget.value },
              { replace: true },
            )
          }
        />
        <output class="smooth-value">{view.smoothing.toFixed(2)}</output>
      </label>
      <label class="field">
        <input
          type="checkbox"
          checked={view.log}
          onChange={(event) => setQuery({ log: event.currentTarget.checked ? 1 : null })}
        />
        Log scale
      </label>
      <span class="field">
        Steps
        <input
          type="number"
          min={0}
          aria-label="First step"
          placeholder="0"
          value={view.from ?? ''}
          onChange={(event) => setQuery({ from: event.currentTarget.value })}
        />
        to
        <input
          type="number"
          min={0}
          aria-label="Last step"
          placeholder={String(Math.max(0, last))}
          value={view.to ?? ''}
          onChange={(event) => setQuery({ to: event.currentTarget.value })}
        />
      </span>
      <button
        type="button"
        class="button quiet"
        disabled={!zoomed}
        onClick={() => setQuery({ from: null, to: null })}
      >
        All steps
      </button>
      <span class="muted hint">Drag over a chart to zoom in; arrow keys read it out.</span>
    </fieldset>
  );
}

interface RunChartProps {
  readonly plan: ChartPlan;
  readonly run: string;
  readonly series: SeriesAnswer | undefined;
  readonly more: SeriesAnswer | undefined;
  readonly live: LiveRun;
  readonly view: View;
  readonly marks: readonly Mark[];
  readonly wide: boolean;
}

function RunChart({ plan, run, series, more, live, view, marks, wide }: RunChartProps) {
  const lines = useMemo(
    () => linesOf(plan, [series, more], live, view),
    [plan, series, more, live.tail, view.from, view.to],
  );
  return (
    <ChartCard
      title={plan.title}
      help={plan.help}
      id={plan.id}
      lines={lines}
      unit={plan.unit}
      view={view}
      marks={marks}
      wide={wide}
      room={plan.room}
      fileName={`${run}-${plan.id}`}
      table={async () => {
        // The table has every value, not the buckets that the screen has room for.
        const whole = await get<SeriesAnswer>(
          apiUrl(`${runPath(run)}/series`, {
            name: plan.metrics.map(({ name }) => name),
            points: 20_000,
            from: view.from,
            to: view.to,
          }),
        );
        return plan.metrics.map(({ name }) => ({
          ...lineOf(name, name, whole.series[name]),
          low: undefined,
          high: undefined,
        }));
      }}
    />
  );
}

function linesOf(
  plan: ChartPlan,
  answers: readonly (SeriesAnswer | undefined)[],
  live: LiveRun,
  view: View,
): Line[] {
  const tail = live.tail.filter(
    ({ step }) => step >= (view.from ?? 0) && step <= (view.to ?? Number.POSITIVE_INFINITY),
  );
  return plan.metrics.map(({ name, label, source }) => {
    const stored = answers.map((answer) => answer?.series[name]).find((each) => each !== undefined);
    const fresh = tail.filter(({ metrics }) => metrics[name] !== undefined);
    const series = withTail(
      stored,
      fresh.map(({ step }) => step),
      fresh.map(({ metrics }) => metrics[name]!),
    );
    const short = plan.metrics.length > 1 || plan.room > 1 ? shortLabel(label, plan.title) : label;
    return lineOf(name, short, series, source === 'evaluation');
  });
}

/** A label beside others of its chart, without what the title says already: 'held-out' under 'Solve rate'. */
function shortLabel(label: string, title: string): string {
  const said = ` ${title.toLowerCase()}`;
  return label.endsWith(said) ? label.slice(0, -said.length) : label.replace(/^[^:]*: /, '');
}

export interface ChartCardProps {
  readonly title: string;
  readonly help: string;
  readonly id: string;
  readonly lines: readonly Line[];
  readonly unit: ChartPlan['unit'];
  readonly view: View;
  readonly marks?: readonly Mark[];
  readonly wide: boolean;
  readonly room?: number;
  readonly fileName: string;
  readonly table: () => Promise<readonly Line[]>;
}

export function ChartCard({
  title,
  help,
  id,
  lines,
  unit,
  view,
  marks,
  wide,
  room,
  fileName,
  table,
}: ChartCardProps) {
  return (
    <section class={`chart-card${wide ? ' wide' : ''}`} aria-label={title}>
      <header>
        <h2 title={help}>{title}</h2>
        <button
          type="button"
          class="button quiet small"
          aria-label={`${title} as an SVG picture`}
          onClick={() =>
            download(`${fileName}.svg`, 'image/svg+xml', chartSvg(title, lines, { unit, view, marks }))
          }
        >
          SVG
        </button>
        <button
          type="button"
          class="button quiet small"
          aria-label={`${title} as a CSV table`}
          onClick={() => void table().then((whole) => download(`${fileName}.csv`, 'text/csv', csvOf(whole)))}
        >
          CSV
        </button>
        <button
          type="button"
          class="button quiet small icon"
          aria-label={wide ? `Make ${title} small` : `Make ${title} large`}
          aria-pressed={wide}
          onClick={() => setQuery({ chart: wide ? null : id })}
        >
          <span aria-hidden="true">{wide ? '⤡' : '⤢'}</span>
        </button>
      </header>
      {wide && help !== '' && <p class="help">{help}</p>}
      <Chart
        title={title}
        lines={lines}
        unit={unit}
        view={view}
        marks={marks}
        height={wide ? 340 : 170}
        syncKey="steps"
        room={room}
        onRange={(from, to) => setQuery({ from, to })}
      />
    </section>
  );
}

function Events({ marks, live }: { marks: readonly Mark[]; live: LiveRun }) {
  const times = new Map(
    live.events.map((event) => [`${event.step} ${event.kind} ${event.text}`, event.time]),
  );
  const newest = marks.slice(-200);
  // In the order of time, so that a new one moves no other; the box stays at its end unless somebody scrolled up.
  const list = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (list.current && atEnd.current) list.current.scrollTop = list.current.scrollHeight;
  }, [newest.length]);
  return (
    <section class="events" aria-label="Events">
      <h2>Events</h2>
      {newest.length === 0 && (
        <p class="muted">Nothing happened yet: checkpoints, resumes, stages and alarms are listed here.</p>
      )}
      <Scroll
        class="event-list"
        label="Events in the order of steps"
        element={list}
        onScroll={() => {
          const { scrollTop, clientHeight, scrollHeight } = list.current!;
          atEnd.current = scrollTop + clientHeight > scrollHeight - 8;
        }}
      >
        <ul>
          {newest.map(({ step, kind, text }) => {
            const time = times.get(`${step} ${kind} ${text}`);
            return (
              <li key={`${step} ${kind} ${text}`}>
                <span class="num">step {step}</span>
                <Badge tone={kind === 'alarm' ? 'bad' : kind === 'resume' ? 'warn' : 'plain'}>{kind}</Badge>
                <span>{text}</span>
                <span class="muted">{time === undefined ? '' : dateTime(time)}</span>
              </li>
            );
          })}
        </ul>
      </Scroll>
    </section>
  );
}
