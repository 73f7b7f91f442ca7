/** Tables of an audit: error rates by category, two rewards crossed, probes. */
import type { AuditAnswer, Interval, Rates } from '../api.ts';
import { number, percent } from '../format.ts';
import { ModelText } from '../samples/model-text.tsx';
import { IntervalWords, Whisker } from '../ui/interval.tsx';
import { Badge, Scroll } from '../ui/parts.tsx';

export function RatesTable({
  title,
  rows,
  firstColumn,
}: {
  title: string;
  rows: { readonly [name: string]: Rates };
  firstColumn: string;
}) {
  const names = Object.keys(rows);
  const confusion = names.some((name) => rows[name]!.confusion !== null);
  return (
    <section aria-label={title}>
      <h3 class="table-title">{title}</h3>
      <Scroll class="table-wrap" label={`${title}, a table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{firstColumn}</th>
              <th scope="col" class="num">
                Cases
              </th>
              <th scope="col">Accuracy</th>
              <th scope="col">Wrongly accepted</th>
              <th scope="col">Wrongly rejected</th>
              {confusion && (
                <>
                  <th scope="col" class="num" title="Labelled right: accepted, rejected, without a verdict">
                    Right: ✓ / ✗ / ∅
                  </th>
                  <th scope="col" class="num" title="Labelled wrong: accepted, rejected, without a verdict">
                    Wrong: ✓ / ✗ / ∅
                  </th>
                </>
              )}
              <th scope="col">No verdict</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const {
                n,
                accuracy,
                falsePositiveRate,
                falseNegativeRate,
                noVerdict,
                confusion: c,
              } = rows[name]!;
              return (
                <tr key={name} class={name === 'all' && names.length > 1 ? 'total' : undefined}>
                  <th scope="row">
                    <bdi>{name}</bdi>
                  </th>
                  <td class="num">{number(n)}</td>
                  <td>
                    <Rate of={accuracy} />
                  </td>
                  <td>
                    <Rate of={falsePositiveRate} />
                  </td>
                  <td>
                    <Rate of={falseNegativeRate} />
                  </td>
                  {confusion && (
                    <>
                      <td class="num">
                        {c ? (
                          <Cells
                            accepted={c.truePositive}
                            rejected={c.falseNegative}
                            silent={c.silentPositive}
                            good="accepted"
                          />
                        ) : (
                          '–'
                        )}
                      </td>
                      <td class="num">
                        {c ? (
                          <Cells
                            accepted={c.falsePositive}
                            rejected={c.trueNegative}
                            silent={c.silentNegative}
                            good="rejected"
                          />
                        ) : (
                          '–'
                        )}
                      </td>
                    </>
                  )}
                  <td>
                    {noVerdict.n === 0 ? (
                      <span class="muted">0</span>
                    ) : (
                      <Badge tone="silent">
                        ∅ {noVerdict.n}:{' '}
                        {Object.entries(noVerdict.causes)
                          .map(([cause, times]) => `${times} ${cause}`)
                          .join(', ')}
                      </Badge>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Cells({
  accepted,
  rejected,
  silent,
  good,
}: {
  accepted: number;
  rejected: number;
  silent: number;
  good: 'accepted' | 'rejected';
}) {
  const tone = (of: 'accepted' | 'rejected', n: number) => (of === good ? '' : n > 0 ? 'bad-text' : 'muted');
  return (
    <>
      <span class={tone('accepted', accepted)}>{number(accepted)}</span>
      <span class="muted"> / </span>
      <span class={tone('rejected', rejected)}>{number(rejected)}</span>
      <span class="muted"> / </span>
      <span class={silent > 0 ? '' : 'muted'}>{number(silent)}</span>
    </>
  );
}

function Rate({ of }: { of: Interval }) {
  return of.value === null ? (
    <span class="muted">no case</span>
  ) : (
    <IntervalWords share mean={of.value} low={of.low} high={of.high} />
  );
}

export function Pair({
  pair,
  first,
  second,
}: {
  pair: NonNullable<AuditAnswer['pair']>;
  first: string;
  second: string;
}) {
  const named: { readonly [name: string]: string } = {
    bothAccept: 'both accept',
    bothReject: 'both reject',
    onlyFirst: `only ${first} accepts`,
    onlySecond: `only ${second} accepts`,
    onlyA: `only ${first} is right`,
    onlyB: `only ${second} is right`,
  };
  const both = {
    ...(pair.first ? { [first]: pair.first } : {}),
    ...(pair.second ? { [second]: pair.second } : {}),
  };
  return (
    <section class="stack" aria-label="Two rewards">
      <dl class="facts panel">
        {pair.agreement && (
          <div>
            <dt>Agreement</dt>
            <dd>
              <Rate of={pair.agreement} />
            </dd>
          </div>
        )}
        {pair.kappa !== null && (
          <div>
            <dt title="Cohen's kappa: agreement beyond chance">Kappa</dt>
            <dd>{number(pair.kappa, 3)}</dd>
          </div>
        )}
        {pair.difference && (
          <div>
            <dt>Difference in accuracy</dt>
            <dd>
              <IntervalWords
                share
                sign
                mean={pair.difference.value}
                low={pair.difference.low}
                high={pair.difference.high}
              />
            </dd>
          </div>
        )}
        {pair.p !== null && (
          <div>
            <dt title="Chance of a difference as large, were they equally good (McNemar)">p</dt>
            <dd>{number(pair.p, 3)}</dd>
          </div>
        )}
        {Object.entries(pair.table).map(([name, n]) => (
          <div key={name}>
            <dt>{named[name] ?? name}</dt>
            <dd>{number(n)}</dd>
          </div>
        ))}
      </dl>
      {Object.keys(both).length > 0 && (
        <RatesTable title="Each against the labels" rows={both} firstColumn="Reward" />
      )}
    </section>
  );
}

export function Probes({ probes }: { probes: NonNullable<AuditAnswer['probes']> }) {
  const holes = probes.probes.filter(({ hole }) => hole);
  return (
    <section aria-label="Probes">
      <h3 class="table-title">
        {probes.probes.length} probes on {probes.tasks} tasks:{' '}
        {holes.length === 0
          ? `none is accepted in more than ${percent(probes.limit)}`
          : `${holes.length} accepted in more than ${percent(probes.limit)}`}
      </h3>
      <Scroll class="table-wrap" label="Probes, a table">
        <table class="probes">
          <thead>
            <tr>
              <th scope="col">Probe</th>
              <th scope="col">Family</th>
              <th scope="col">Accepted</th>
              <th scope="col">
                <span class="visually-hidden">Drawn</span>
              </th>
              <th scope="col" class="num">
                No verdict
              </th>
              <th scope="col">Examples</th>
            </tr>
          </thead>
          <tbody>
            {probes.probes.map(({ name, family, accepted, noVerdict, hole, examples }) => (
              <tr key={name}>
                <th scope="row">
                  <span class={hole ? 'bad-text' : 'good-text'}>{hole ? '✗' : '✓'}</span> {name}
                </th>
                <td class="muted">{family}</td>
                <td>
                  <Rate of={accepted} />
                </td>
                <td>
                  <Whisker
                    mean={accepted.value}
                    low={accepted.low}
                    high={accepted.high}
                    scale={[0, 1]}
                    at={probes.limit}
                  />
                </td>
                <td class="num">{noVerdict.n}</td>
                <td>
                  {examples.length > 0 && (
                    <details>
                      <summary>{examples.length} accepted</summary>
                      {examples.map(({ task, text, reason }) => (
                        <div key={`${task} ${text}`} class="probe-example">
                          <span class="muted">
                            task <bdi>{task}</bdi>
                          </span>
                          <ModelText text={text} />
                          <bdi class="muted">{reason}</bdi>
                        </div>
                      ))}
                    </details>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {probes.falseAlarms && (
        <p class="muted">
          False alarms on answers labelled right: <Rate of={probes.falseAlarms} />
        </p>
      )}
    </section>
  );
}
