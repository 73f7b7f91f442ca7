/** What the compared runs came to, and where their recipes differ. */
import { type CompareAnswer, runPage } from '../api.ts';
import { Swatch } from '../chart/swatch.tsx';
import { duration, words } from '../format.ts';
import { codeOf } from '../ui/code.ts';
import { IntervalWords, scaleOf, Whisker } from '../ui/interval.tsx';
import { Badge, Changing, Link, Scroll } from '../ui/parts.tsx';

const outcomes = ['untrained', 'before', 'after', 'gain'] as const;

/** Runs that were picked and are not counted, since their arm has a newer one of the same seed. */
function Older({ arms }: Pick<CompareAnswer, 'arms'>) {
  const older = arms.flatMap((arm) => arm.older);
  if (older.length === 0) return null;
  return (
    <p class="note muted">
      A seed counts once in an arm, with its newest run. Not counted:{' '}
      {older.map(({ id }, i) => (
        <span key={id}>
          {i > 0 && ', '}
          <Link href={runPage(id)}>
            <bdi>{id}</bdi>
          </Link>
        </span>
      ))}
      . <i>Single runs</i> shows all.
    </p>
  );
}

export function Outcomes({ answer }: { answer: CompareAnswer }) {
  const { arms, differences } = answer;
  const all = arms.flatMap(({ outcomes: own }) => [
    ...(own.after?.values ?? []),
    own.after?.low,
    own.after?.high,
  ]);
  // Rates: an interval of two seeds may leave [0, 1], the scale does not.
  const [low, high] = scaleOf(all);
  const scale = [Math.max(0, low), Math.min(1, high)] as const;
  return (
    <section aria-label="Outcomes">
      <Scroll class="table-wrap" label="Outcomes, a table">
        <table class="outcomes">
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" class="num">
                Seeds
              </th>
              {outcomes.map((name) => (
                <th key={name} scope="col">
                  {words(name)}
                </th>
              ))}
              <th scope="col">
                <span class="visually-hidden">After, drawn</span>
              </th>
              <th scope="col">After, over the first arm</th>
              <th scope="col" class="num">
                Time of a run
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map(({ name, runs, outcomes: own }, i) => {
              const difference = differences.find(({ arm }) => arm === name);
              const writing = runs.filter(({ activity }) => activity === 'live').length;
              return (
                <tr key={name}>
                  <th scope="row">
                    <Swatch line={i} />
                    {runs.length === 1 ? <Link href={runPage(runs[0]!.id)}>{name}</Link> : <bdi>{name}</bdi>}
                  </th>
                  <td class="num" title={writing > 0 ? `${writing} still writing` : undefined}>
                    {writing > 0 && (
                      <>
                        <span class="dot pulse good" aria-hidden="true" />
                        <span class="visually-hidden">{writing} still writing, of </span>
                      </>
                    )}
                    {runs.length}
                  </td>
                  {outcomes.map((outcome) => (
                    <td key={outcome}>
                      {own[outcome] ? (
                        <IntervalWords
                          share
                          mean={own[outcome].value}
                          low={own[outcome].low}
                          high={own[outcome].high}
                          sign={outcome === 'gain'}
                        />
                      ) : (
                        <span class="muted">–</span>
                      )}
                    </td>
                  ))}
                  <td>
                    {own.after && (
                      <Whisker
                        mean={own.after.value}
                        low={own.after.low}
                        high={own.after.high}
                        values={own.after.values}
                        scale={scale}
                      />
                    )}
                  </td>
                  <td>
                    {difference ? (
                      <>
                        {difference.paired && (
                          <Badge title="Both arms have the same seeds: the interval is of the differences seed by seed">
                            paired
                          </Badge>
                        )}
                        <IntervalWords
                          share
                          sign
                          mean={difference.value}
                          low={difference.low}
                          high={difference.high}
                        />
                      </>
                    ) : (
                      <span class="muted">–</span>
                    )}
                  </td>
                  <td class="num">
                    <Changing>{duration(own.seconds?.value)}</Changing>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      <Older arms={arms} />
    </section>
  );
}

export function ConfigDifference({ answer }: { answer: CompareAnswer }) {
  const runs = answer.arms.flatMap((arm) => arm.runs);
  // Runs whose values are alike everywhere share a column: the seeds of an arm, mostly.
  const columns = Map.groupBy(runs, ({ id }) =>
    JSON.stringify(answer.config.map(({ values }) => values[id] ?? null)),
  );
  return (
    <section aria-labelledby="config-difference">
      <h2 id="config-difference">Where the recipes differ</h2>
      {answer.config.length === 0 ? (
        <p class="muted">
          {runs.length < 2
            ? 'One run has nothing to differ from.'
            : 'They are the same, but for their seeds.'}
        </p>
      ) : (
        <Scroll class="table-wrap difference" label="Where the recipes differ, a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Field</th>
                {[...columns.values()].map((own) => (
                  <th key={own[0]!.id} scope="col" title={own.map(({ id }) => id).join('\n')}>
                    <bdi>
                      {own.length === 1
                        ? own[0]!.id
                        : `${own[0]!.recipe} · ${own[0]!.arm ?? 'main'} (${own.length} runs)`}
                    </bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {answer.config.map(({ path, values }) => (
                <tr key={path}>
                  <th scope="row" class="mono">
                    {path}
                  </th>
                  {[...columns.values()].map((own) => {
                    const value = values[own[0]!.id];
                    return (
                      <td key={own[0]!.id} class="mono">
                        {value === undefined ? <span class="muted">not there</span> : codeOf(value)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
