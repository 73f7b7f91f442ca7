/** What `assay reproduce` found: each recipe's arms over seeds, and whether what was expected held; also while it is at it. */
import { useEffect, useState } from 'preact/hooks';
import { apiUrl, type Reproduction, type ReproductionsAnswer } from '../api.ts';
import { useResource } from '../client.ts';
import { dateTime, duration } from '../format.ts';
import { useNow } from '../live.ts';
import { IntervalWords, scaleOf, Whisker } from '../ui/interval.tsx';
import { Badge, Changing, Empty, Failure, Scroll } from '../ui/parts.tsx';
import { Jobs } from './jobs.tsx';

/** Seconds between two looks: while one is under way, and while none is. */
const looks = { busy: 2, idle: 10 };

export function Reproductions() {
  const [busy, setBusy] = useState(false);
  const look = useNow(busy ? looks.busy : looks.idle);
  const { data, error, reload } = useResource<ReproductionsAnswer>(apiUrl('/reproductions'), look);
  const underWay = data?.reproductions.some(({ status }) => status === 'running') ?? false;
  useEffect(() => setBusy(underWay), [underWay]);
  const { shown, earlier } = newest(data?.reproductions ?? []);
  return (
    <section class="reproductions" aria-labelledby="reproductions">
      <h2 id="reproductions">Reproductions</h2>
      {error && !data && <Failure error={error} retry={reload} />}
      {data && data.reproductions.length === 0 && (
        <Empty title="Nothing was reproduced here yet" command="npx assay reproduce countdown --seeds 5">
          It runs a recipe's arms on several seeds and judges what was expected by the interval of the
          difference.
        </Empty>
      )}
      {data?.unreadable.map((each) => (
        <p key={each.file} class="bad-text">
          {each.file}: {each.error}
        </p>
      ))}
      <div class="reproduction-list">
        {shown.map((each) => (
          <One key={each.id ?? each.file} of={each} look={look} earlier={earlier.get(each) ?? []} />
        ))}
      </div>
    </section>
  );
}

/** Of those in the store the last of each recipe (or sweep of it), with the ones before it; every file. */
function newest(all: readonly Reproduction[]): {
  readonly shown: readonly Reproduction[];
  readonly earlier: ReadonlyMap<Reproduction, readonly Reproduction[]>;
} {
  const groups = Map.groupBy(all, ({ id, recipe, variations }) =>
    id === null ? undefined : `${recipe} ${sweptField(variations)}`,
  );
  const files = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const earlier = new Map([...groups.values()].map(([first, ...rest]) => [first!, rest] as const));
  const first = new Set([...earlier.keys(), ...files]);
  return { shown: all.filter((each) => first.has(each)), earlier };
}

/** `optimizer.learningRate=x0.3` is a value of this field. */
const sweptField = ([first = '']: readonly string[]) => first.slice(0, first.indexOf('='));

/** Rates are shown in percent; other metrics as numbers. */
const isShare = (metric: string) =>
  ['after', 'before', 'untrained', 'gain'].includes(metric) || metric.startsWith('pass@');

function Verdict({ of: { status, holds, error } }: { of: Reproduction }) {
  if (holds !== null)
    return <Badge tone={holds ? 'good' : 'bad'}>{holds ? '✓ holds' : '✗ does not hold'}</Badge>;
  if (status === 'running')
    return (
      <Badge tone="accent">
        <span class="dot pulse good" aria-hidden="true" />
        running
      </Badge>
    );
  const why =
    'It has been silent for long: killed, or stuck. `assay reproduce --resume` goes on from its jobs.';
  return (
    <Badge
      tone={status === 'failed' ? 'bad' : 'warn'}
      title={error ?? (status === 'stalled' ? why : undefined)}
    >
      {status}
    </Badge>
  );
}

function One({ of, look, earlier }: { of: Reproduction; look: number; earlier: readonly Reproduction[] }) {
  const { id, recipe, paper, metric, arms, expected, seconds, time, file, jobs, status, variations, error } =
    of;
  const share = isShare(metric);
  const scale = scaleOf(arms.flatMap(({ metric: own }) => [...own.values, own.low, own.high]));
  const differences = scaleOf(
    expected.flatMap(({ difference }) => [difference.low, difference.high]),
    [0],
  );
  return (
    <article class="panel" aria-label={`Reproduction of ${recipe}`}>
      <header>
        <h3>
          <bdi>{recipe}</bdi>
        </h3>
        <Verdict of={of} />
        {paper !== null && <bdi class="muted">{paper}</bdi>}
        {variations.length > 0 && (
          <span class="muted">
            sweep of <span class="mono">{sweptField(variations)}</span>
          </span>
        )}
        <span class="muted push" title={file ?? id ?? undefined}>
          <Changing>{`${dateTime(time)} · ${duration(seconds)}`}</Changing>
        </span>
      </header>
      {arms.length > 0 && (
        <Scroll class="scroll-x" label={`Arms of ${recipe}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Arm</th>
                <th scope="col" class="num">
                  Seeds
                </th>
                <th scope="col">
                  <span class="mono">{metric}</span>, mean and 95 % interval
                </th>
                <th scope="col">
                  <span class="visually-hidden">Drawn</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {arms.map(({ name, seeds, metric: own }) => (
                <tr key={name}>
                  <th scope="row">
                    <bdi>{name}</bdi>
                  </th>
                  <td class="num" title={`seeds ${seeds.join(', ')}`}>
                    {seeds.length}
                  </td>
                  <td>
                    <IntervalWords share={share} mean={own.mean} low={own.low} high={own.high} />
                  </td>
                  <td>
                    <Whisker
                      mean={own.mean}
                      low={own.low}
                      high={own.high}
                      values={own.values}
                      scale={scale}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
            {expected.length > 0 && (
              <thead>
                <tr>
                  <th scope="col" colSpan={2}>
                    Expected
                  </th>
                  <th scope="col">Difference</th>
                  <th scope="col">
                    <span class="visually-hidden">Drawn</span>
                  </th>
                </tr>
              </thead>
            )}
            <tbody>
              {expected.map(({ says, difference, holds: held, by, metric: own }) => (
                <tr key={says}>
                  <th scope="row" colSpan={2}>
                    <span class={held ? 'good-text' : 'bad-text'}>{held ? '✓' : '✗'}</span> {says}
                  </th>
                  <td>
                    <IntervalWords
                      sign
                      share={isShare(own ?? metric)}
                      mean={difference.mean}
                      low={difference.low}
                      high={difference.high}
                    />
                  </td>
                  <td>
                    <Whisker
                      mean={difference.mean}
                      low={difference.low}
                      high={difference.high}
                      scale={differences}
                      at={by ?? 0}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {id !== null && jobs && (
        <Jobs id={id} recipe={recipe} jobs={jobs} running={status === 'running'} share={share} look={look} />
      )}
      {error !== null && <p class="note bad-text">{error}</p>}
      {earlier.length > 0 && <Earlier of={earlier} />}
      {file !== null && (
        <p class="note muted">
          from <bdi class="mono">{file}</bdi>
        </p>
      )}
    </article>
  );
}

/** Those of the same recipe before this one. */
function Earlier({ of }: { of: readonly Reproduction[] }) {
  return (
    <details>
      <summary>{of.length} earlier</summary>
      <ul class="earlier">
        {of.map((each) => (
          <li key={each.id}>
            <Verdict of={each} /> {dateTime(each.time)}{' '}
            <span class="muted">
              {each.jobs && `${each.jobs.done} of ${each.jobs.total} jobs, `}seeds{' '}
              {[...new Set(each.arms.flatMap(({ seeds }) => seeds))].join(' ')}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
