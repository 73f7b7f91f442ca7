/** Runs beside one another, as arms over their seeds, also while some of them write; and what `reproduce` found. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { apiUrl, type CompareAnswer, type Metric, type RunsAnswer } from '../api.ts';
import type { Line } from '../chart/data.ts';
import { useResource } from '../client.ts';
import { Reproductions } from '../compare/reproductions.tsx';
import { ConfigDifference, Outcomes } from '../compare/tables.tsx';
import { words } from '../format.ts';
import { useLive } from '../live.ts';
import { setQuery, useAddress } from '../router.ts';
import { Empty, Failure, Loading, useTitle } from '../ui/parts.tsx';
import { runTitle } from '../ui/run-parts.tsx';
import { ChartCard, ChartToolbar, useChartView } from './charts.tsx';
import { useThrottled } from './throttle.ts';

const usual = ['reward', 'solveRate', 'heldout/solveRate', 'noVerdict', 'entropy', 'length'];

export function ComparePage() {
  useTitle('Compare');
  const { query } = useAddress();
  const runs = (query.get('runs') ?? '').split(',').filter((id) => id !== '');
  const by = query.get('by') === 'run' ? 'run' : 'arm';
  const metrics = query.get('metrics')?.split(',') ?? usual;
  const [version, setVersion] = useState(0);
  const [listVersion, setListVersion] = useState(0);
  const listed = useResource<RunsAnswer>(apiUrl('/runs', { limit: 500 }), listVersion);
  const compared = useResource<CompareAnswer>(
    runs.length === 0 ? null : apiUrl('/compare', { run: runs, metric: metrics.slice(0, 20), by }),
    version,
  );
  const again = useThrottled(() => setVersion((n) => n + 1), 2000);
  const listAgain = useThrottled(() => setListVersion((n) => n + 1), 2000);
  const shown = new Set(
    compared.data?.arms.flatMap((arm) => [...arm.runs, ...arm.older].map(({ id }) => id)),
  );
  // The list to add from is read again for a run that it does not have, not for every step of one that it has.
  const heard = useRef(new Set<string>());
  useLive('runs', {
    run: ({ id }) => {
      if (shown.has(id)) again();
      if (heard.current.has(id)) return;
      heard.current.add(id);
      if (!listed.data?.runs.some((run) => run.id === id)) listAgain();
    },
    gone: ({ id }) => {
      listAgain();
      if (shown.has(id)) again();
    },
    back: () => {
      listAgain();
      again();
    },
  });
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <h1>Compare</h1>
          <p class="sub">
            Runs of one recipe and arm are its seeds, the newest of each: lines are their mean, bands the 95 %
            interval over seeds.
          </p>
        </div>
      </div>
      <Picker runs={runs} listed={listed.data} by={by} />
      {runs.length === 0 && listed.data && (
        <p class="pick-hint muted">
          {listed.data.all === 0
            ? 'There are no runs yet. Start one with `npx assay train countdown`.'
            : 'Add runs above, or pick them in the list of runs. Below is what `assay reproduce` found.'}
        </p>
      )}
      {compared.error && !compared.data && <Failure error={compared.error} retry={compared.reload} />}
      {compared.error && compared.data && (
        <p role="alert" class="bad-text">
          {compared.error.message}{' '}
          <button type="button" class="button small" onClick={compared.reload}>
            Retry
          </button>
        </p>
      )}
      {runs.length > 0 && !compared.data && !compared.error && <Loading what="the runs" />}
      {compared.data && <Compared answer={compared.data} chosen={metrics} />}
      <Reproductions />
    </>
  );
}

function Picker({
  runs,
  listed,
  by,
}: {
  runs: readonly string[];
  listed: RunsAnswer | undefined;
  by: string;
}) {
  const known = new Map(listed?.runs.map((run) => [run.id, run]));
  const choose = (ids: readonly string[]) => setQuery({ runs: [...new Set(ids)].slice(0, 50).join(',') });
  const recipes = Map.groupBy(listed?.runs ?? [], ({ recipe }) => recipe);
  return (
    <div class="toolbar picker">
      {runs.map((id) => {
        const run = known.get(id);
        const name = run ? `${runTitle(run)} · seed ${run.seed}` : id;
        return (
          <span key={id} class="chip">
            <bdi>{name}</bdi>
            <button
              type="button"
              aria-label={`Take ${name} out`}
              onClick={() => choose(runs.filter((each) => each !== id))}
            >
              ×
            </button>
          </span>
        );
      })}
      <select
        aria-label="Add runs"
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value.startsWith('recipe '))
            choose([...runs, ...(recipes.get(value.slice(7)) ?? []).map(({ id }) => id)]);
          else if (value !== '') choose([...runs, value]);
        }}
      >
        <option value="">Add runs …</option>
        {[...recipes].map(([recipe, own]) => (
          <optgroup key={recipe} label={recipe}>
            {own.length > 1 && <option value={`recipe ${recipe}`}>all {own.length} runs</option>}
            {own.slice(0, 60).map((run) => (
              <option key={run.id} value={run.id} disabled={runs.includes(run.id)}>
                {run.arm ?? 'main'} · seed {run.seed} · {run.id}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {runs.length > 0 && (
        <>
          <fieldset class="segmented" aria-label="Lines">
            <button type="button" aria-pressed={by === 'arm'} onClick={() => setQuery({ by: null })}>
              Arms
            </button>
            <button type="button" aria-pressed={by === 'run'} onClick={() => setQuery({ by: 'run' })}>
              Single runs
            </button>
          </fieldset>
          <button type="button" class="button quiet" onClick={() => choose([])}>
            Clear
          </button>
        </>
      )}
    </div>
  );
}

function Compared({ answer, chosen }: { answer: CompareAnswer; chosen: readonly string[] }) {
  const view = useChartView();
  const last = Math.max(0, ...answer.arms.flatMap(({ runs }) => runs.map((run) => run.last)));
  const shown = useCharts(answer, chosen);
  const others = answer.metrics.filter(({ name }) => !chosen.includes(name));
  return (
    <div class="stack">
      <Outcomes answer={answer} />
      <section>
        <ChartToolbar view={view} last={last} />
        <div class="charts">
          {shown.map((metric) => (
            <CompareChart
              key={metric.name}
              answer={answer}
              metric={metric}
              view={view}
              wide={view.wide === metric.name}
            />
          ))}
        </div>
        {others.length > 0 && (
          <p class="toolbar more-charts">
            <select
              aria-label="Add a chart"
              value=""
              onChange={(event) =>
                event.currentTarget.value !== '' &&
                setQuery({ metrics: [...chosen, event.currentTarget.value].slice(-20).join(',') })
              }
            >
              <option value="">Add a chart …</option>
              {others.map(({ name, label }) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </p>
        )}
      </section>
      <ConfigDifference answer={answer} />
      {answer.arms.length === 0 && <Empty title="None of these runs is there any more" />}
    </div>
  );
}

/**
 * The charts of the page in an order that stays. While a run writes, a metric that it does not have yet has its chart all the same,
 * so that nothing moves when it comes.
 */
function useCharts(answer: CompareAnswer, chosen: readonly string[]): Metric[] {
  const kept = useRef(new Set<string>());
  const live = answer.arms.some(({ runs }) => runs.some(({ activity }) => activity === 'live'));
  const byName = new Map(answer.metrics.map((metric) => [metric.name, metric]));
  for (const name of chosen) if (live || byName.has(name)) kept.current.add(name);
  return chosen.flatMap((name) => {
    const known = byName.get(name);
    if (known) return [known];
    if (!kept.current.has(name)) return [];
    const source = name.includes('/') ? 'evaluation' : 'metric';
    return [{ name, group: 'other', label: words(name), help: '', unit: 'number', source, last: null }];
  });
}

/** What tells the arms apart: their recipe only where there are several. */
function armLabel({ name, runs }: CompareAnswer['arms'][number], arms: CompareAnswer['arms']): string {
  const [first] = runs;
  if (!first || name === first.id) return name;
  if (arms.every((each) => each.runs[0]?.recipe === first.recipe)) return first.arm ?? 'main';
  return runTitle(first);
}

function CompareChart({
  answer,
  metric,
  view,
  wide,
}: {
  answer: CompareAnswer;
  metric: CompareAnswer['metrics'][number];
  view: ReturnType<typeof useChartView>;
  wide: boolean;
}) {
  const lines = useMemo(
    () =>
      answer.arms.map((arm): Line => {
        const { name, series } = arm;
        const label = armLabel(arm, answer.arms);
        const own = series[metric.name];
        const dots = metric.source === 'evaluation';
        if (!own) return { name, label, steps: [], values: [], low: [], high: [], dots };
        const kept = own.steps.map(
          (step) => step >= (view.from ?? 0) && step <= (view.to ?? Number.POSITIVE_INFINITY),
        );
        const cut = <T,>(values: readonly T[]) => values.filter((_, i) => kept[i]);
        return {
          name,
          label,
          steps: cut(own.steps),
          values: cut(own.mean),
          low: cut(own.low),
          high: cut(own.high),
          dots,
        };
      }),
    [answer, metric, view.from, view.to],
  );
  return (
    <ChartCard
      title={metric.label.charAt(0).toUpperCase() + metric.label.slice(1)}
      help={metric.help}
      id={metric.name}
      lines={lines}
      unit={metric.unit}
      view={view}
      wide={wide}
      fileName={`compare-${metric.name.replaceAll('/', '-')}`}
      table={() =>
        Promise.resolve(
          lines.flatMap((line) => [
            { ...line, low: undefined, high: undefined },
            { ...line, name: `${line.name} low`, values: line.low ?? [] },
            { ...line, name: `${line.name} high`, values: line.high ?? [] },
          ]),
        )
      }
    />
  );
}
