/** One run: its head, and a tab of charts, samples, configuration or alarms. */
import { type AlarmsAnswer, apiUrl, runPage, runPath, type Session } from '../api.ts';
import { useResource } from '../client.ts';
import { ago, dateTime, duration, percent } from '../format.ts';
import { useNow } from '../live.ts';
import { Changing, Empty, Failure, Link, Loading, useTitle } from '../ui/parts.tsx';
import { Progress, runTitle, StatusBadge } from '../ui/run-parts.tsx';
import { RunAlarms } from './alarms.tsx';
import { ChartsTab } from './charts.tsx';
import { ConfigTab } from './config.tsx';
import { type LiveRun, useRun } from './run-data.ts';
import { SamplesTab } from './samples.tsx';

const tabNames = { charts: 'Charts', samples: 'Samples', config: 'Recipe', alarms: 'Alarms' } as const;

export function RunPage({ id, tab, session }: { id: string; tab: string; session: Session | undefined }) {
  const live = useRun(id);
  const { answer, run, resource } = live;
  // Alarms need the whole run; they are looked for again every 20 steps.
  const alarms = useResource<AlarmsAnswer>(
    answer ? apiUrl(`${runPath(id)}/alarms`) : null,
    Math.floor((run?.last ?? 0) / 20),
  );
  useTitle(run ? `${runTitle(run)}, seed ${run.seed}` : id);
  if (live.gone)
    return (
      <Empty title="This run was deleted">
        <Link href="/">Back to all runs</Link>
      </Empty>
    );
  if (!answer || !run)
    return resource.error ? <RunFailure live={live} id={id} session={session} /> : <Loading what="the run" />;
  const here = runPage(id);
  return (
    <>
      <RunHead live={live} />
      <nav class="tabs" aria-label="Views of the run">
        {(['charts', 'samples', 'config', 'alarms'] as const).map((name) => (
          <Link
            key={name}
            href={name === 'charts' ? here : `${here}/${name}`}
            aria-current={tab === name ? 'page' : undefined}
          >
            {tabNames[name]}
            {name === 'alarms' && (alarms.data?.alarms.length ?? 0) > 0 && (
              <span class="count warn">{alarms.data!.alarms.length}</span>
            )}
          </Link>
        ))}
      </nav>
      {tab === 'charts' && <ChartsTab live={live} answer={answer} alarms={alarms.data} />}
      {tab === 'samples' && <SamplesTab answer={answer} last={run.last} live={run.activity === 'live'} />}
      {tab === 'config' && <ConfigTab answer={answer} />}
      {tab === 'alarms' && <RunAlarms run={run} resource={alarms} />}
    </>
  );
}

function RunFailure({ live, id, session }: { live: LiveRun; id: string; session: Session | undefined }) {
  const { error, reload } = live.resource;
  if (error?.status !== 404) return <Failure error={error!} retry={reload} />;
  return (
    <Empty title="There is no such run">
      No run of {session?.store.path ?? 'this store'} has the id <bdi class="mono">{id}</bdi>. It may have
      been deleted. <Link href="/">Show all runs</Link>
    </Empty>
  );
}

function RunHead({ live }: { live: LiveRun }) {
  const run = live.run!;
  const now = useNow(10);
  const start = run.before ?? run.untrained;
  return (
    <div class="page-head run-head">
      <div class="grow">
        <h1>
          <bdi>{runTitle(run)}</bdi> <span class="muted">seed {run.seed}</span> <StatusBadge run={run} />
        </h1>
        <p class="sub">
          <span class="mono">{run.id}</span>
          {run.paper !== null && (
            <>
              {' '}
              · <bdi>{run.paper}</bdi>
            </>
          )}{' '}
          · started {dateTime(run.created)}
          {run.parent !== null && (
            <>
              {' '}
              · goes on from <Link href={runPage(run.parent)}>{run.parent}</Link>
            </>
          )}
          {run.tags.map((tag) => (
            <bdi key={tag} class="tag">
              {tag}
            </bdi>
          ))}
        </p>
        {run.error !== null && <p class="bad-text">{run.error}</p>}
      </div>
      <dl class="facts">
        <div class="fact-steps">
          <dt>Steps</dt>
          <dd>
            <Progress run={run} />
          </dd>
        </div>
        <div>
          <dt title="Greedy solve rate on held-out tasks, after the warm start and now">Held-out solved</dt>
          <dd>
            {start === null && run.after === null ? (
              '–'
            ) : (
              <>
                <Changing>{`${percent(start)} → `}</Changing>
                <strong>
                  <Changing>{percent(run.after)}</Changing>
                </strong>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt title="Share of the last step's samples without a verdict">No verdict</dt>
          <dd>{percent(run.noVerdict)}</dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>{duration(run.seconds)}</dd>
        </div>
        <div>
          <dt>Time left</dt>
          <dd>{run.activity === 'live' ? duration(run.secondsLeft) : '–'}</dd>
        </div>
        <div>
          <dt>Updated</dt>
          <dd title={dateTime(run.updated)}>{ago(run.updated, now)}</dd>
        </div>
      </dl>
    </div>
  );
}
