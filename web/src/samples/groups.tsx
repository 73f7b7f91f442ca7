/** The groups of one step: a list of them, and one opened with its samples side by side. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { apiUrl, type Group, type GroupsAnswer, runPath } from '../api.ts';
import { useResource } from '../client.ts';
import { count, number } from '../format.ts';
import { numberIn, setQuery, useAddress, withQuery } from '../router.ts';
import { Badge, Empty, Failure, Link, Loading } from '../ui/parts.tsx';
import { ModelText } from './model-text.tsx';
import { SampleCard } from './sample-card.tsx';
import { colourings, largest } from './segments.ts';

/** Groups of the list at once; steps with more are paged. */
const listed = 100;

interface GroupsProps {
  readonly run: string;
  readonly split: string;
  readonly steps: readonly number[];
  readonly live: boolean;
}

export function Groups({ run, split, steps, live }: GroupsProps) {
  const address = useAddress();
  const { query } = address;
  // Without a step in the address: the newest one when the page was opened. It stays, whatever the run writes meanwhile.
  const opened = useRef(steps.at(-1)!);
  const step = numberIn(query, 'step') ?? (steps.includes(opened.current) ? opened.current : steps.at(-1)!);
  const group = numberIn(query, 'group') ?? 0;
  const place = numberIn(query, 'sample');
  const page = Math.floor(group / listed);
  const overview = useResource<GroupsAnswer>(
    apiUrl(`${runPath(run)}/groups`, { step, split, offset: page * listed, limit: listed, chars: 160 }),
  );
  const detail = useResource<GroupsAnswer>(
    apiUrl(`${runPath(run)}/groups`, { step, split, offset: group, limit: 1, chars: 6000 }),
  );
  const shown = detail.data?.groups[0];
  const total = overview.data?.total ?? 0;
  const at = steps.indexOf(step);
  const previous = at > 0 ? steps[at - 1]! : (overview.data?.previous ?? undefined);
  const next = at >= 0 && at + 1 < steps.length ? steps[at + 1]! : (overview.data?.next ?? undefined);
  const toStep = (to: number | undefined) => to !== undefined && setQuery({ step: to, sample: null });
  const toGroup = (to: number) =>
    to >= 0 && to < total && setQuery({ step, group: to, sample: null }, { replace: true });
  const toSample = (by: number): void => {
    const samples = shown?.samples ?? [];
    if (samples.length === 0) return;
    const here = samples.findIndex(({ position }) => position === place);
    const to =
      samples[
        here < 0 ? (by > 0 ? 0 : samples.length - 1) : Math.min(Math.max(here + by, 0), samples.length - 1)
      ]!;
    setQuery({ step, group, sample: to.position }, { replace: true });
    document.getElementById(`sample-${to.position}`)?.focus();
  };
  useKeys({
    j: () => toGroup(group + 1),
    k: () => toGroup(group - 1),
    '[': () => toStep(previous),
    ']': () => toStep(next),
    ArrowRight: () => toSample(1),
    ArrowLeft: () => toSample(-1),
    l: () => toSample(1),
    h: () => toSample(-1),
  });
  // A link to one sample brings it into view once it is there.
  const sought = useRef<number | undefined>(place);
  useEffect(() => {
    if (sought.current === undefined || !shown) return;
    document.getElementById(`sample-${sought.current}`)?.scrollIntoView({ block: 'nearest' });
    sought.current = undefined;
  }, [shown]);

  return (
    <>
      <div class="toolbar">
        <fieldset class="field" aria-label="Step">
          <button
            type="button"
            class="button icon"
            aria-label="Previous step with samples"
            disabled={previous === undefined}
            onClick={() => toStep(previous)}
          >
            ←
          </button>
          <label class="field">
            Step
            <input
              type="number"
              value={step}
              min={steps[0]}
              max={steps.at(-1)}
              onChange={(event) => {
                const wanted = Number(event.currentTarget.value);
                toStep(
                  steps.reduce(
                    (best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best),
                    steps[0]!,
                  ),
                );
              }}
            />
          </label>
          <button
            type="button"
            class="button icon"
            aria-label="Next step with samples"
            disabled={next === undefined}
            onClick={() => toStep(next)}
          >
            →
          </button>
        </fieldset>
        <input
          type="range"
          class="step-range"
          aria-label="Step, by sliding"
          min={0}
          max={steps.length - 1}
          value={Math.max(0, at)}
          onChange={(event) => toStep(steps[Number(event.currentTarget.value)])}
        />
        <span class="muted">
          {count(steps.length, 'step')} with samples
          {overview.data?.stage != null && ` · stage ${overview.data.stage}`}
        </span>
        {live && step !== steps.at(-1) && (
          <Link class="button quiet" href={withQuery(address, { step: steps.at(-1), sample: null })}>
            Newest step {steps.at(-1)}
          </Link>
        )}
        {shown && <ColourSelect group={shown} />}
      </div>
      {overview.error && !overview.data && <Failure error={overview.error} retry={overview.reload} />}
      {!overview.data && !overview.error && <Loading what="the groups" />}
      {overview.data && total === 0 && (
        <Empty title={`Step ${step} has no stored samples`}>
          {steps.length > 0 && (
            <Link href={withQuery(address, { step: steps.at(-1), group: null })}>
              Go to step {steps.at(-1)}
            </Link>
          )}
        </Empty>
      )}
      {overview.data && total > 0 && (
        <div class="groups" aria-busy={overview.stale || detail.stale}>
          <GroupList answer={overview.data} current={group} page={page} />
          {shown ? <OpenGroup run={run} group={shown} place={place} /> : <Loading what="the group" />}
        </div>
      )}
      <p class="muted keys">
        <kbd>j</kbd> <kbd>k</kbd> next and previous group · <kbd>←</kbd> <kbd>→</kbd> samples · <kbd>[</kbd>{' '}
        <kbd>]</kbd> steps
      </p>
    </>
  );
}

/** Keys of the whole page; not while something is typed, nor where a control has its own meaning for them. */
function useKeys(keys: { readonly [key: string]: () => unknown }): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest('input, select, textarea, dialog, [role="slider"], [role="listbox"]')) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

function useColouring(group: Group | undefined): { colouring: string; choices: string[] } {
  const { query } = useAddress();
  const choices = useMemo(() => (group ? colourings(group.samples) : []), [group]);
  const asked = query.get('colour');
  const colouring =
    asked === 'none' ? '' : asked !== null && choices.includes(asked) ? asked : (choices[0] ?? '');
  return { colouring, choices };
}

function ColourSelect({ group }: { group: Group }) {
  const { colouring, choices } = useColouring(group);
  return (
    <label class="field push">
      Colour by
      <select
        value={colouring}
        onChange={(event) => setQuery({ colour: event.currentTarget.value || 'none' })}
        disabled={choices.length === 0}
      >
        <option value="">{choices.length === 0 ? 'no credit inside the samples' : 'nothing'}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice.startsWith('credit:')
              ? `advantage of each token (${choice.slice(7)})`
              : `spans of ${choice.slice(5)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function GroupList({ answer, current, page }: { answer: GroupsAnswer; current: number; page: number }) {
  const address = useAddress();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const values = answer.groups.flatMap(({ samples }) =>
    samples.flatMap(({ verdict }) => verdict?.value ?? []),
  );
  const [low, high] = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const to = (group: number) => withQuery(address, { step: answer.step, group, sample: null });
  return (
    <nav class="group-list" aria-label="Groups of the step" ref={list}>
      <ul>
        {answer.groups.map((group, i) => {
          const number_ = page * listed + i;
          return (
            <li key={number_}>
              <Link href={to(number_)} replace aria-current={number_ === current ? 'true' : undefined}>
                <span class="group-line">
                  <span class="muted">{number_}</span>
                  <bdi class="excerpt">{group.task.prompt.text.replaceAll(/\s+/g, ' ').slice(0, 120)}</bdi>
                  <span class="num">{number(group.mean, 3)}</span>
                </span>
                <Strip group={group} low={low} high={high} />
              </Link>
            </li>
          );
        })}
      </ul>
      {answer.total > listed && (
        <p class="pager">
          {page > 0 && <Link href={to((page - 1) * listed)}>← Before</Link>}
          <span class="muted">{count(answer.total, 'group')}</span>
          {(page + 1) * listed < answer.total && <Link href={to((page + 1) * listed)}>After →</Link>}
        </p>
      )}
    </nav>
  );
}

const stripAtMost = 64;

/** A bar a sample: its height is the reward; a ring is no verdict. */
function Strip({ group, low, high }: { group: Group; low: number; high: number }) {
  const said = `${count(group.samples.length, 'sample')}, mean ${number(group.mean, 3)}${group.noVerdict > 0 ? `, ${group.noVerdict} without a verdict` : ''}${group.zeroVariance ? ', all alike' : ''}`;
  return (
    <span class="group-line">
      <span class="strip" role="img" aria-label={said}>
        {group.samples.slice(0, stripAtMost).map(({ position, verdict }) =>
          verdict?.value == null ? (
            <i key={position} class="none" />
          ) : (
            <i key={position}>
              <b style={{ height: `${Math.round(8 + (92 * (verdict.value - low)) / (high - low || 1))}%` }} />
            </i>
          ),
        )}
      </span>
      {group.zeroVariance && (
        <span class="muted" title="All values alike: no group-relative learning signal">
          = alike
        </span>
      )}
    </span>
  );
}

function OpenGroup({ run, group, place }: { run: string; group: Group; place: number | undefined }) {
  const { colouring } = useColouring(group);
  const scale = useMemo(() => largest(group.samples, colouring), [group, colouring]);
  const { task } = group;
  return (
    <div class="open-group">
      <section class="panel task" aria-label="Task">
        <header>
          <h2>
            Task <bdi class="mono">{task.id}</bdi>
          </h2>
          {task.domain !== null && <Badge>{task.domain}</Badge>}
          {task.difficulty !== null && <Badge>difficulty {number(task.difficulty)}</Badge>}
          <span class="muted">
            mean {number(group.mean, 3)}, deviation {number(group.std, 3)}
          </span>
          {group.zeroVariance && <Badge title="No group-relative learning signal">zero variance</Badge>}
          {group.noVerdict > 0 && <Badge tone="silent">∅ {group.noVerdict} without a verdict</Badge>}
        </header>
        <div class="body">
          <ModelText text={task.prompt.text} whole={task.prompt.length} />
          {task.answer != null && (
            <p class="answer">
              <span class="muted">Reference answer</span>{' '}
              <bdi class="mono">
                {typeof task.answer === 'string' ? task.answer : JSON.stringify(task.answer)}
              </bdi>
            </p>
          )}
        </div>
      </section>
      {colouring !== '' && <Legend colouring={colouring} scale={scale} />}
      <div class="samples">
        {group.samples.map((sample) => (
          <SampleCard
            key={`${sample.step} ${sample.position}`}
            run={run}
            sample={sample}
            colouring={colouring}
            scale={scale}
            current={sample.position === place}
            choose={() =>
              setQuery({ step: sample.step, group: group.group, sample: sample.position }, { replace: true })
            }
          />
        ))}
      </div>
    </div>
  );
}

function Legend({ colouring, scale }: { colouring: string; scale: number }) {
  return (
    <p class="credit-legend muted">
      {colouring.startsWith('credit:') ? 'Advantage' : 'Value'}:{' '}
      <span class="credit minus" style={{ '--share': '42%' }}>
        −{number(scale, 3)}
      </span>{' '}
      <span class="credit zero">0</span>{' '}
      <span class="credit plus" style={{ '--share': '42%' }}>
        +{number(scale, 3)}
      </span>{' '}
      {colouring.startsWith('span:') && (
        <span class="credit silent" style={{ '--share': '30%' }}>
          no verdict
        </span>
      )}
    </p>
  );
}
