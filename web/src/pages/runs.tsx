/** All runs: search, sort, tag, delete, pick some to compare. A run that writes updates its row by itself. */
import { useState } from 'preact/hooks';
import { apiUrl, type RunRow, type RunsAnswer, runPage, type Session } from '../api.ts';
import { useResource } from '../client.ts';
import { ago, count, dateTime, duration, percent } from '../format.ts';
import { useLive, useNow } from '../live.ts';
import { numberIn, setQuery, useAddress, withQuery } from '../router.ts';
import { Changing, Empty, Failure, Link, Loading, Scroll, useTitle } from '../ui/parts.tsx';
import { Change, Progress, runTitle, StatusBadge } from '../ui/run-parts.tsx';
import { DeleteDialog, TagsDialog } from './run-dialogs.tsx';
import { useThrottled } from './throttle.ts';

const perPage = 100;

const columns = [
  { sort: 'recipe', name: 'Run' },
  { sort: 'status', name: 'Status' },
  { sort: 'progress', name: 'Steps' },
  { sort: 'before', name: 'Before', number: true },
  { sort: 'after', name: 'After', number: true },
  { sort: null, name: 'Change', number: true },
  { sort: 'seconds', name: 'Duration', number: true },
  { sort: 'updated', name: 'Updated', number: true },
] as const;

export function RunsPage({ session }: { session: Session | undefined }) {
  useTitle('Runs');
  const address = useAddress();
  const { query } = address;
  const pageNumber = Math.max(1, numberIn(query, 'page') ?? 1);
  const sort = query.get('sort') ?? 'created';
  const order = query.get('order') ?? 'desc';
  const [version, setVersion] = useState(0);
  const { data, error, reload } = useResource<RunsAnswer>(
    apiUrl('/runs', {
      q: query.get('q'),
      status: query.get('status'),
      recipe: query.get('recipe'),
      paper: query.get('paper'),
      tag: query.get('tag'),
      sort,
      order,
      offset: (pageNumber - 1) * perPage,
      limit: perPage,
    }),
    version,
  );
  const again = useThrottled(() => setVersion((n) => n + 1), 1000);
  useLive('runs', { run: again, gone: again, back: again });
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [tagging, setTagging] = useState<RunRow>();
  const [deleting, setDeleting] = useState<RunRow>();

  if (error && !data) return <Failure error={error} retry={reload} />;
  const filtered = ['q', 'status', 'recipe', 'paper', 'tag'].some((name) => query.has(name));
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <h1>Runs</h1>
          <p class="sub">
            {data ? count(data.all, 'run') : ' '}
            {data && filtered && `, ${data.total.toLocaleString('en')} shown`}{' '}
            {session && (
              <>
                in <span class="mono">{session.store.path}</span>
              </>
            )}
          </p>
        </div>
      </div>
      {data && data.all === 0 && session?.store.state === 'error' && (
        <Empty title="The store cannot be read">{session.store.error}</Empty>
      )}
      {data && data.all === 0 && session?.store.state !== 'error' && (
        <Empty title="No runs yet" command={'npx assay train countdown\nnpx assay recipes'}>
          Start one in another terminal: it appears here with its first step. The second command lists what
          there is to train.
        </Empty>
      )}
      {(!data || data.all > 0) && (
        <>
          <search class="toolbar" aria-label="Filter the runs">
            <input
              type="search"
              class="search"
              aria-label="Search in name, paper, arm and tags"
              placeholder="Search name, paper, arm, tag"
              value={query.get('q') ?? ''}
              onInput={(event) => setQuery({ q: event.currentTarget.value, page: null }, { replace: true })}
            />
            {(['status', 'recipe', 'paper', 'tag'] as const).map((facet) => (
              <FacetSelect
                key={facet}
                name={facet}
                value={query.get(facet)}
                options={data?.facets[facet] ?? []}
              />
            ))}
            {filtered && (
              <Link class="button quiet" href="/">
                Clear
              </Link>
            )}
            <span class="push">
              <CompareButton picked={picked} clear={() => setPicked([])} />
            </span>
          </search>
          {!data && <Loading what="the runs" />}
          {data && data.total === 0 && (
            <Empty title="No run matches">
              Take a filter away, or <Link href="/">show all {data.all}</Link>.
            </Empty>
          )}
          {data && data.total > 0 && (
            <Scroll class="table-wrap" label="Runs">
              <table class="runs">
                <thead>
                  <tr>
                    <th class="check">
                      <span class="visually-hidden">Pick</span>
                    </th>
                    {columns.map((column) => (
                      <th
                        key={column.name}
                        scope="col"
                        class={'number' in column ? 'num' : undefined}
                        aria-sort={
                          sort === column.sort ? (order === 'asc' ? 'ascending' : 'descending') : undefined
                        }
                      >
                        {column.sort === null ? (
                          column.name
                        ) : (
                          <SortButton column={column.sort} name={column.name} sort={sort} order={order} />
                        )}
                      </th>
                    ))}
                    <th>
                      <span class="visually-hidden">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.runs.map((run) => (
                    <Row
                      key={run.id}
                      run={run}
                      picked={picked.includes(run.id)}
                      pick={(on) =>
                        setPicked(on ? [...picked, run.id] : picked.filter((id) => id !== run.id))
                      }
                      mayChange={session?.mayChange ?? false}
                      tag={() => setTagging(run)}
                      remove={() => setDeleting(run)}
                    />
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
          {data && data.total > perPage && (
            <nav class="pager" aria-label="Pages of runs">
              {pageNumber > 1 && <Link href={withQuery(address, { page: pageNumber - 1 })}>← Newer</Link>}
              <span class="muted">
                {(pageNumber - 1) * perPage + 1}–{Math.min(pageNumber * perPage, data.total)} of {data.total}
              </span>
              {pageNumber * perPage < data.total && (
                <Link href={withQuery(address, { page: pageNumber + 1 })}>More →</Link>
              )}
            </nav>
          )}
        </>
      )}
      {tagging && session && (
        <TagsDialog run={tagging} session={session} onClose={() => setTagging(undefined)} onDone={again} />
      )}
      {deleting && session && (
        <DeleteDialog
          run={deleting}
          session={session}
          onClose={() => setDeleting(undefined)}
          onDone={() => {
            setPicked(picked.filter((id) => id !== deleting.id));
            again();
          }}
        />
      )}
    </>
  );
}

function FacetSelect({
  name,
  value,
  options,
}: {
  name: 'status' | 'recipe' | 'paper' | 'tag';
  value: string | null;
  options: readonly { readonly value: string; readonly n: number }[];
}) {
  if (options.length < 2 && value === null) return null;
  const known = options.some((option) => option.value === value);
  return (
    <select
      aria-label={`Only this ${name}`}
      value={value ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, page: null })}
    >
      <option value="">any {name}</option>
      {value !== null && !known && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.value} ({option.n})
        </option>
      ))}
    </select>
  );
}

function SortButton({
  column,
  name,
  sort,
  order,
}: {
  column: string;
  name: string;
  sort: string;
  order: string;
}) {
  const active = sort === column;
  const textual = column === 'recipe' || column === 'status';
  const next = active ? (order === 'asc' ? 'desc' : 'asc') : textual ? 'asc' : 'desc';
  return (
    <button type="button" onClick={() => setQuery({ sort: column, order: next, page: null })}>
      {name}
      <span aria-hidden="true" class="arrow">
        {active ? (order === 'asc' ? '↑' : '↓') : ''}
      </span>
    </button>
  );
}

function CompareButton({ picked, clear }: { picked: readonly string[]; clear: () => void }) {
  if (picked.length === 0) return <span class="muted hint">Pick runs to compare them</span>;
  return (
    <>
      <button type="button" class="button quiet" onClick={clear}>
        Unpick {picked.length}
      </button>
      <Link class="button primary" href={`/compare?runs=${picked.map(encodeURIComponent).join(',')}`}>
        Compare {count(picked.length, 'run')}
      </Link>
    </>
  );
}

function Row({
  run,
  picked,
  pick,
  mayChange,
  tag,
  remove,
}: {
  run: RunRow;
  picked: boolean;
  pick: (on: boolean) => void;
  mayChange: boolean;
  tag: () => void;
  remove: () => void;
}) {
  const now = useNow(10);
  const name = `${runTitle(run)}, seed ${run.seed}`;
  return (
    <tr aria-selected={picked}>
      <td class="check">
        <input
          type="checkbox"
          aria-label={`Pick ${name} (${run.id})`}
          checked={picked}
          onChange={(event) => pick(event.currentTarget.checked)}
        />
      </td>
      <th scope="row" class="name">
        <Link href={runPage(run.id)}>
          <bdi>{runTitle(run)}</bdi>
        </Link>
        <span class="under">
          <span class="mono">{run.id}</span> <span>seed {run.seed}</span>
          {run.paper !== null && <bdi>{run.paper}</bdi>}
          {run.tags.map((each) => (
            <Link key={each} class="tag" href={`/?tag=${encodeURIComponent(each)}`}>
              <bdi>{each}</bdi>
            </Link>
          ))}
        </span>
      </th>
      <td>
        <StatusBadge run={run} />
      </td>
      <td class="steps">
        <Progress run={run} />
      </td>
      <td class="num" data-name="before">
        <Changing>{percent(run.before ?? run.untrained)}</Changing>
      </td>
      <td class="num" data-name="after">
        <Changing>{percent(run.after)}</Changing>
      </td>
      <td class="num" data-name="change">
        <Change from={run.before ?? run.untrained} to={run.after} />
      </td>
      <td class="num" data-name="duration">
        <Changing>{duration(run.seconds)}</Changing>
        {run.activity === 'live' && run.secondsLeft !== null && (
          <span class="under">
            <Changing>{`${duration(run.secondsLeft)} left`}</Changing>
          </span>
        )}
      </td>
      <td class="num" data-name="updated" title={dateTime(run.updated)}>
        <Changing>{ago(run.updated, now)}</Changing>
      </td>
      <td class="actions">
        {mayChange && (
          <>
            <button
              type="button"
              class="button quiet small"
              aria-label={`Tags of ${name} (${run.id})`}
              onClick={tag}
            >
              Tags
            </button>
            <button
              type="button"
              class="button quiet small"
              aria-label={`Delete ${name} (${run.id})`}
              onClick={remove}
            >
              Delete
            </button>
          </>
        )}
      </td>
    </tr>
  );
}
