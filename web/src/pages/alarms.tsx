/** Alarms: of one run, and of all runs; each with its rule and how often that rule is wrong. */

import { useState } from 'preact/hooks';
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
import { IntervalWords } from '../ui/interval.tsx';
import { Badge, Empty, Failure, Link, Loading, Scroll, useTitle } from '../ui/parts.tsx';
import { RunLink, StatusBadge } from '../ui/run-parts.tsx';

const ruleName = (rule: string) => words(rule.replaceAll('-', ' '));

/** The first chart that an alarm speaks of, around the steps where it holds. */
function chartLink(run: string, alarm: Alarm): string {
  const room = Math.max(10, Math.round((alarm.to - alarm.from) * 0.5));
  return `${runPage(run)}?from=${Math.max(0, alarm.from - room)}&to=${alarm.to + room}`;
}

function AlarmLine({ run, alarm }: { run: string; alarm: Alarm }) {
  return (
    <li class="alarm">
      <Badge tone={alarm.open ? 'bad' : 'warn'}>{alarm.open ? '● open' : '○ over'}</Badge>
      <span class="alarm-rule">{ruleName(alarm.rule)}</span>
      <Link href={chartLink(run, alarm)} class="num">
        {alarm.from === alarm.to ? `step ${alarm.from}` : `steps ${alarm.from} to ${alarm.to}`}
      </Link>
      <span class="alarm-text">{alarm.text}</span>
    </li>
  );
}

function FalseAlarmRate({ of }: { of: FalseAlarms | null }) {
  if (!of) return <span class="muted">not measured</span>;
  return (
    <>
      <IntervalWords share mean={of.rate.value} low={of.rate.low} high={of.rate.high} />{' '}
      <span class="muted">
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

export function AlarmsPage() {
  useTitle('Alarms');
  const [limit, setLimit] = useState(25);
  const { data, error, reload } = useResource<AlarmsListAnswer>(apiUrl('/alarms', { limit }));
  if (error && !data) return <Failure error={error} retry={reload} />;
  const alarmed = data?.runs.filter(({ alarms }) => alarms.length > 0) ?? [];
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
      {data && (
        <div class="stack">
          <section aria-label="Runs with alarms">
            {data.runs.length === 0 && (
              <Empty title="No runs yet" command="npx assay train countdown">
                Rules look at a run as it writes.
              </Empty>
            )}
            {data.runs.length > 0 && alarmed.length === 0 && (
              <p class="quiet-note">
                <span class="good-text">✓</span> No rule speaks in{' '}
                {data.runs.length === 1 ? 'the one run' : `any of ${count(data.runs.length, 'run')}`}.
              </p>
            )}
            {data.total > data.runs.length && (
              <p class="muted note">
                The newest {data.runs.length} of {count(data.total, 'run')} were looked at.{' '}
                {limit < 200 && (
                  <button type="button" class="button small" onClick={() => setLimit(200)}>
                    Look at {Math.min(200, data.total)}
                  </button>
                )}
              </p>
            )}
            <div class="alarmed">
              {alarmed.map(({ run, alarms }) => (
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
                    {alarms.map((alarm) => (
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
