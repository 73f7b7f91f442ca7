/** Alarms: of one run, and of all runs, also while they write; each with its rule and how often that rule is wrong. */
import { useRef, useState } from 'preact/hooks';
import {
  type Alarm,
  type AlarmsAnswer,
  type AlarmsListAnswer,
  apiUrl,
  type FalseAlarms,
  type RunRow,
  runPage,
} from '../api.ts';
import { type Resource, useResource } from '../client.ts';
import { count, words } from '../format.ts';
import { useLive } from '../live.ts';
import { IntervalWords } from '../ui/interval.tsx';
import { Badge, Changing, Empty, Failure, Link, Loading, Scroll, useTitle } from '../ui/parts.tsx';
import { RunLink, StatusBadge } from '../ui/run-parts.tsx';
import { useThrottled } from './throttle.ts';

const ruleName = (rule: string) => words(rule.replaceAll('-', ' '));

/** The first chart that an alarm speaks of, around the steps where it holds. */
function chartLink(run: string, alarm: Alarm): string {
  const room = Math.max(10, Math.round((alarm.to - alarm.from) * 0.5));
  return `${runPage(run)}?from=${Math.max(0, alarm.from - room)}&to=${alarm.to + room}`;
}

function AlarmLine({
  run,
  alarm,
  more = 0,
  line = false,
}: {
  run: string;
  alarm: Alarm;
  /** Older alarms of the same rule that have no line here. */
  more?: number;
  /** Of a height that does not follow the text. */
  line?: boolean;
}) {
  return (
    <li class={line ? 'alarm line' : 'alarm'}>
      <Badge tone={alarm.open ? 'bad' : 'warn'}>{alarm.open ? '● open' : '○ over'}</Badge>
      <span class="alarm-rule">{ruleName(alarm.rule)}</span>
      <Link href={chartLink(run, alarm)} class="num">
        {alarm.from === alarm.to ? `step ${alarm.from}` : `steps ${alarm.from} to ${alarm.to}`}
      </Link>
      <span class="alarm-text" title={line ? alarm.text : undefined}>
        {alarm.text}
        {more > 0 && <span class="muted"> · and {count(more, 'earlier one')}</span>}
      </span>
    </li>
  );
}

function FalseAlarmRate({ of }: { of: FalseAlarms | null }) {
  if (!of) return <span class="muted">not measured</span>;
  return (
    <>
      <IntervalWords share mean={of.rate.value} low={of.rate.low} high={of.rate.high} />{' '}
      <span class="muted rate">
        {of.alarmed} of {count(of.runs, 'clean run')}
      </span>
    </>
  );
}

export function RunAlarms({ run, resource }: { run: RunRow; resource: Resource<AlarmsAnswer> }) {
  const { data, error, reload } = resource;
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="the alarms" />;
  return (
    <div class="stack">
      <section aria-label="Alarms">
        {data.alarms.length === 0 ? (
          <p class="quiet-note">
            <span class="good-text">✓</span> No rule speaks. What each looks for stands below.
          </p>
        ) : (
          <ul class="alarm-list">
            {data.alarms.map((alarm) => (
              <AlarmLine key={`${alarm.rule} ${alarm.from}`} run={run.id} alarm={alarm} />
            ))}
          </ul>
        )}
      </section>
      <RulesTable
        rules={data.rules.map((rule) => ({
          ...rule,
          state: rule.looked
            ? data.alarms.some((alarm) => alarm.rule === rule.rule)
              ? 'speaks'
              : 'silent'
            : (rule.why ?? 'could not look'),
        }))}
      />
    </div>
  );
}

interface ShownRule {
  readonly rule: string;
  readonly says: string;
  readonly falseAlarms: FalseAlarms | null;
  readonly state?: string;
}

function RulesTable({ rules }: { rules: readonly ShownRule[] }) {
  const states = rules.some(({ state }) => state !== undefined);
  return (
    <section aria-labelledby="rules">
      <h2 id="rules" class="table-title">
        Rules
      </h2>
      <Scroll class="table-wrap" label="Rules, a table">
        <table class="rules">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">It speaks when</th>
              {states && <th scope="col">Here</th>}
              <th scope="col">False alarms, a run</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ rule, says, falseAlarms, state }) => (
              <tr key={rule}>
                <th scope="row">{ruleName(rule)}</th>
                <td>{says}</td>
                {states && <td class={state === 'speaks' ? 'bad-text' : 'muted'}>{state}</td>}
                <td>
                  <FalseAlarmRate of={falseAlarms} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="muted note">
        The rate is measured on stored runs that were trained as they should be: the share of them in which
        the rule spoke all the same, with its 95 % interval.
      </p>
    </section>
  );
}

type Looked = AlarmsListAnswer['runs'][number];

/**
 * Runs that have alarms, and those that write, in an order that stays while the page is open: a run that comes later is added at the
 * end, so that nothing moves under the reader's eyes.
 */
function useShown(runs: readonly Looked[], limit: number): readonly Looked[] {
  const order = useRef({ limit, ids: [] as string[] });
  if (order.current.limit !== limit) order.current = { limit, ids: [] };
  const { ids } = order.current;
  for (const { run, alarms } of runs)
    if ((alarms.length > 0 || run.activity === 'live') && !ids.includes(run.id)) ids.push(run.id);
  const byId = new Map(runs.map((each) => [each.run.id, each]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Which runs wrote while the page was open: their cards keep a line for each rule. */
function useWriting(runs: readonly Looked[]): ReadonlySet<string> {
  const ids = useRef(new Set<string>());
  for (const { run } of runs) if (run.activity === 'live') ids.current.add(run.id);
  return ids.current;
}

export function AlarmsPage() {
  useTitle('Alarms');
  const [limit, setLimit] = useState(25);
  const [version, setVersion] = useState(0);
  const { data, error, reload } = useResource<AlarmsListAnswer>(apiUrl('/alarms', { limit }), version);
  const again = useThrottled(() => setVersion((n) => n + 1), 2000);
  useLive('runs', { run: again, gone: again, back: again });
  const shown = useShown(data?.runs ?? [], limit);
  const writing = useWriting(data?.runs ?? []);
  if (error && !data) return <Failure error={error} retry={reload} />;
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <h1>Alarms</h1>
          <p class="sub">
            Stated rules that look at every run for signs that its reward is being gamed, or has broken.
          </p>
        </div>
      </div>
      {!data && <Loading what="the alarms" />}
      {data && data.runs.length === 0 && (
        <Empty title="No runs yet" command="npx assay train countdown">
          Rules look at a run as it writes.
        </Empty>
      )}
      {data && (
        <div class="alarm-page">
          <section aria-label="Runs with alarms">
            {data.runs.length > 0 && (
              <p class="alarm-summary">
                <span role="status">
                  <Summary runs={data.runs} />
                </span>
                {data.total > data.runs.length && (
                  <span class="muted">
                    The newest {data.runs.length} of {count(data.total, 'run')}.{' '}
                    {limit < 200 && (
                      <button type="button" class="button small" onClick={() => setLimit(200)}>
                        Look at {Math.min(200, data.total)}
                      </button>
                    )}
                  </span>
                )}
              </p>
            )}
            <div class="alarmed">
              {shown.map(({ run, alarms }) => (
                <article key={run.id} class="panel" aria-label={`Alarms of ${run.id}`}>
                  <header>
                    <h2>
                      <RunLink run={run} />
                    </h2>
                    <StatusBadge run={run} />
                    <span class="mono muted">{run.id}</span>
                    <Link class="push" href={`${runPage(run.id)}/alarms`}>
                      All rules
                    </Link>
                  </header>
                  <ul class="alarm-list">
                    {writing.has(run.id)
                      ? data.rules.map(({ rule }) => (
                          <RuleLine
                            key={rule}
                            run={run.id}
                            rule={rule}
                            alarms={alarms.filter((alarm) => alarm.rule === rule)}
                          />
                        ))
                      : alarms.map((alarm) => (
                          <AlarmLine key={`${alarm.rule} ${alarm.from}`} run={run.id} alarm={alarm} />
                        ))}
                  </ul>
                </article>
              ))}
            </div>
          </section>
          <RulesTable rules={data.rules} />
        </div>
      )}
    </>
  );
}

function Summary({ runs }: { runs: readonly Looked[] }) {
  const alarmed = runs.filter(({ alarms }) => alarms.length > 0).length;
  const open = runs.filter(({ alarms }) => alarms.some((alarm) => alarm.open)).length;
  const [tone, sign] = alarmed === 0 ? ['good-text', '✓'] : open > 0 ? ['bad-text', '●'] : ['muted', '○'];
  const said =
    alarmed === 0
      ? `No rule speaks in ${runs.length === 1 ? 'the one run' : `any of ${count(runs.length, 'run')}`}.`
      : `${alarmed} of ${count(runs.length, 'run')} ${alarmed === 1 ? 'has' : 'have'} alarms, ${open === 0 ? 'none' : open} still open.`;
  return (
    <>
      <span class={`sign ${tone}`}>{sign}</span> <Changing>{said}</Changing>
    </>
  );
}

/** What a rule says of a run that writes: a line of its own from the start, with its newest alarm when there is one. */
function RuleLine({ run, rule, alarms }: { run: string; rule: string; alarms: readonly Alarm[] }) {
  const alarm = alarms.toSorted((a, b) => b.from - a.from)[0];
  if (alarm) return <AlarmLine run={run} alarm={alarm} more={alarms.length - 1} line />;
  return (
    <li class="alarm line">
      <span class="muted">silent</span>
      <span class="alarm-rule">{ruleName(rule)}</span>
      <span class="muted num">–</span>
      <span class="alarm-text" />
    </li>
  );
}
