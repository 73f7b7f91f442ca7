/** The jobs of a reproduction: each arm under each seed, with its run where it was one. */
import { useState } from 'preact/hooks';
import { apiUrl, type ReproductionAnswer, type ReproductionJob, runPage } from '../api.ts';
import { useResource } from '../client.ts';
import { duration, number, percent } from '../format.ts';
import { Badge, Changing, Failure, Link, Loading, Scroll, type Tone } from '../ui/parts.tsx';

const tones: { readonly [status in ReproductionJob['status']]: Tone } = {
  running: 'accent',
  finished: 'good',
  stopped: 'plain',
  failed: 'bad',
};

export function Jobs({
  id,
  recipe,
  jobs: { total, done },
  running,
  share,
  look,
}: {
  readonly id: string;
  readonly recipe: string;
  readonly jobs: { readonly total: number; readonly done: number };
  readonly running: boolean;
  /** The metric is a rate. */
  readonly share: boolean;
  /** Changes whenever the jobs are to be read again. */
  readonly look: number;
}) {
  const [open, setOpen] = useState(running);
  return (
    <details class="jobs" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Changing>{done === total ? `${total} jobs` : `${done} of ${total} jobs`}</Changing>
        {done < total && (
          <span
            class="progress"
            role="progressbar"
            aria-label={`Jobs of ${recipe} done`}
            aria-valuemin={0}
            aria-valuemax={total}
            aria-valuenow={done}
          >
            <span style={{ width: `${(100 * done) / total}%` }} />
          </span>
        )}
      </summary>
      {open && <Table id={id} recipe={recipe} share={share} look={running ? look : done} />}
    </details>
  );
}

function Table({ id, recipe, share, look }: { id: string; recipe: string; share: boolean; look: number }) {
  const { data, error, reload } = useResource<ReproductionAnswer>(
    apiUrl(`/reproductions/${encodeURIComponent(id)}`),
    look,
  );
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="the jobs" />;
  const varied = data.jobs.some(({ variation }) => variation !== null);
  return (
    <Scroll class="scroll-x job-list" label={`Jobs of ${recipe}`}>
      <table>
        <thead>
          <tr>
            {varied && <th scope="col">Changed</th>}
            <th scope="col">Arm</th>
            <th scope="col" class="num">
              Seed
            </th>
            <th scope="col">State</th>
            <th scope="col" class="num mono">
              {data.metric}
            </th>
            <th scope="col" class="num">
              Took
            </th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {data.jobs.map(({ variation, arm, seed, status, value, seconds, run, error: why }) => (
            <tr key={`${variation} ${seed} ${arm}`}>
              {varied && <td class="mono">{variation}</td>}
              <th scope="row">
                <bdi>{arm}</bdi>
              </th>
              <td class="num">{seed}</td>
              <td>
                <Badge tone={tones[status]} title={why ?? undefined}>
                  {status}
                </Badge>
              </td>
              <td class="num">{share ? percent(value) : number(value)}</td>
              <td class="num">
                <Changing>{duration(seconds)}</Changing>
              </td>
              <td>{run === null ? <span class="muted">–</span> : <Link href={runPage(run)}>{run}</Link>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
