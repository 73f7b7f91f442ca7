/** What `assay reproduce` found: each recipe's arms over seeds, and whether what was expected held. */
import { apiUrl, type Reproduction, type ReproductionsAnswer } from '../api.ts';
import { useResource } from '../client.ts';
import { dateTime, duration } from '../format.ts';
import { IntervalWords, scaleOf, Whisker } from '../ui/interval.tsx';
import { Badge, Empty, Failure, Scroll } from '../ui/parts.tsx';

export function Reproductions() {
  const { data, error, reload } = useResource<ReproductionsAnswer>(apiUrl('/reproductions'));
  return (
    <section class="reproductions" aria-labelledby="reproductions">
      <h2 id="reproductions">Reproductions</h2>
      {error && !data && <Failure error={error} retry={reload} />}
      {data && data.reproductions.length === 0 && (
        <Empty
          title="Nothing was reproduced here yet"
          command="npx assay reproduce countdown --seeds 5 --out docs/reproductions"
        >
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
        {data?.reproductions.map((each) => (
          <One key={each.file} of={each} />
        ))}
      </div>
    </section>
  );
}

/** Rates are shown in percent; other metrics as numbers. */
const isShare = (metric: string) =>
  ['after', 'before', 'untrained', 'gain'].includes(metric) || metric.startsWith('pass@');

function One({ of }: { of: Reproduction }) {
  const { recipe, paper, metric, holds, arms, expected, seconds, time, file } = of;
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
        <Badge tone={holds ? 'good' : 'bad'}>{holds ? '✓ holds' : '✗ does not hold'}</Badge>
        {paper !== null && <bdi class="muted">{paper}</bdi>}
        <span class="muted push" title={file}>
          {dateTime(time)} · {duration(seconds)}
        </span>
      </header>
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
                  <Whisker mean={own.mean} low={own.low} high={own.high} values={own.values} scale={scale} />
                </td>
              </tr>
            ))}
          </tbody>
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
    </article>
  );
}
