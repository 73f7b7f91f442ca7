/** All samples of a run under filters: a row each, opened in its group. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { runPage, type SampleRow, type StepsAnswer } from '../api.ts';
import { count, number, signed, words } from '../format.ts';
import { navigate, numberIn, setQuery, useAddress, withQuery } from '../router.ts';
import { Badge, Empty, Failure, Link } from '../ui/parts.tsx';
import { FinishBadge } from './sample-card.tsx';
import { useSampleList } from './sample-list.ts';
import { segments, unitOffsets } from './segments.ts';
import { VirtualList } from './virtual-list.tsx';

const filters = [
  'text',
  'column',
  'above',
  'below',
  'first',
  'second',
  'apart',
  'cause',
  'finish',
  'zeroVariance',
  'from',
  'to',
] as const;
const causes = ['any', 'reference', 'judge', 'timeout', 'crash', 'unsupported', 'overload', 'none'];

interface AllSamplesProps {
  readonly run: string;
  readonly split: string;
  readonly steps: StepsAnswer;
  readonly last: number;
  readonly live: boolean;
  /** Changes when there are more samples. */
  readonly version: unknown;
}

export function AllSamples({ run, split, steps, last, live, version }: AllSamplesProps) {
  const address = useAddress();
  const { query } = address;
  const asked = Object.fromEntries(filters.map((name) => [name, query.get(name)]));
  const order = query.get('order') ?? 'asc';
  // The newest first, of a run that writes: the list begins where it began when that was asked for, or no row would keep its place.
  const [newest, setNewest] = useState({ order, step: live ? last : undefined });
  const begun = newest.order === order ? newest : { order, step: live ? last : undefined };
  if (begun !== newest) setNewest(begun);
  const held = order === 'desc' && !asked.to ? begun.step : undefined;
  // A half-made filter asks nothing yet.
  const complete = {
    ...asked,
    column: asked.above || asked.below ? asked.column : null,
    above: asked.column ? asked.above : null,
    below: asked.column ? asked.below : null,
    ...(asked.first && asked.second ? {} : { first: null, second: null, apart: null }),
  };
  const question = { split, ...complete, order, to: asked.to || held };
  const key = JSON.stringify(question);
  // The address has the number of a row that was gone to or opened; another question begins at its own.
  const at = numberIn(query, 'at');
  const opened = useRef({ key, at });
  if (opened.current.key !== key) opened.current = { key, at };
  const begin = opened.current.at;
  const list = useSampleList(run, question, version, Math.max(0, (begin ?? 1) - 1));
  const [chosen, setChosen] = useState({ key, index: (at ?? 0) - 1 });
  const current = chosen.key === key ? chosen.index : (begin ?? 0) - 1;
  useEffect(() => {
    if (at !== undefined) setChosen({ key, index: at - 1 });
  }, [key, at]);
  const filtered = filters.some((name) => query.has(name));
  const open = (i: number): void => {
    const row = list.row(i);
    if (!row) return;
    // Back comes to this row again.
    setQuery({ at: i + 1 }, { replace: true });
    const to = new URLSearchParams({
      step: String(row.step),
      group: String(row.group),
      sample: String(row.position),
    });
    if (split !== 'train') to.set('split', split);
    navigate(`${runPage(run)}/samples?${to}`);
  };
  return (
    <>
      <Filters columns={steps.columns} />
      <p class="list-state muted">
        <span role="status">{stateWords(list, filtered)}</span>
        {held !== undefined && last > held && (
          <button type="button" class="button small" onClick={() => setNewest({ order, step: last })}>
            ↑ {count(last - held, 'newer step')}
          </button>
        )}
        {filtered && (
          <span class="push">
            <Link
              href={withQuery(address, Object.fromEntries([...filters, 'at'].map((name) => [name, null])))}
            >
              Clear all filters
            </Link>
          </span>
        )}
      </p>
      {list.error && list.count === 0 && <Failure error={list.error} retry={list.reload} />}
      {list.error && list.count > 0 && (
        <p role="alert" class="bad-text">
          {list.error.message}{' '}
          <button type="button" class="button small" onClick={list.reload}>
            Retry
          </button>
        </p>
      )}
      {!list.error && list.count === 0 && !list.open && (
        <Empty title="No sample matches">Make a filter wider, or take one away.</Empty>
      )}
      {list.count > 0 && (
        <VirtualList
          key={key}
          label="Samples"
          count={list.count}
          rowHeight={52}
          current={current}
          focused={begin !== undefined}
          onCurrent={(index) => setChosen({ key, index })}
          onOpen={open}
          onGo={(i) => setQuery({ at: i + 1 })}
          onRange={list.want}
          row={(i) => {
            const row = list.row(i);
            return row ? <Row row={row} /> : <span class="muted">…</span>;
          }}
        />
      )}
      {list.count > 0 && (
        <p class="muted keys">
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Page ↓</kbd> <kbd>End</kbd> choose · <kbd>Enter</kbd> open in its
          group · <kbd>g</kbd> go to a number
        </p>
      )}
    </>
  );
}

function stateWords(list: ReturnType<typeof useSampleList>, filtered: boolean): string {
  const { scanned, index, open } = list;
  const said = [];
  if (list.busy) said.push('Looking for samples …');
  else if (!filtered) said.push(count(list.count, 'sample'));
  else said.push(`${count(list.count, 'sample')} found${open ? ' so far' : ''}`);
  if (open && scanned && scanned.done < scanned.of)
    said.push(`${scanned.done.toLocaleString('en')} of ${scanned.of.toLocaleString('en')} steps looked at`);
  if (index && index.state === 'working')
    said.push(
      `text index: ${index.done.toLocaleString('en')} of ${index.total.toLocaleString('en')} samples`,
    );
  if (index?.state === 'failed') said.push(`the text index failed: ${index.error ?? ''}`);
  return said.join(' · ');
}

function columnName(column: string): string {
  if (column.startsWith('part:')) return `part ${column.slice(5)}`;
  if (column.startsWith('advantage:')) return `advantage ${column.slice(10)}`;
  return column === 'value' ? 'reward' : words(column).toLowerCase();
}

function Filters({ columns }: { columns: readonly string[] }) {
  const { query } = useAddress();
  const [text, setText] = useState(query.get('text') ?? '');
  const inAddress = query.get('text') ?? '';
  useEffect(() => setText(inAddress), [inAddress]);
  // Typing waits a moment before it searches.
  useEffect(() => {
    if (text === inAddress) return;
    const timer = setTimeout(() => setQuery({ text, at: null }, { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <select
      aria-label={label}
      value={query.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, at: null })}
    >
      {options.map(([value, shown]) => (
        <option key={value} value={value}>
          {shown}
        </option>
      ))}
    </select>
  );
  const numeric = (name: string, label: string, placeholder: string) => (
    <input
      type="number"
      step="any"
      aria-label={label}
      placeholder={placeholder}
      value={query.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, at: null })}
    />
  );
  const named = columns.map((column) => [column, columnName(column)] as const);
  const apart = columns
    .filter((column) => column === 'value' || column.startsWith('part:'))
    .map((column) => [column, columnName(column)] as const);
  return (
    <search class="filters small" aria-label="Filter the samples">
      <input
        type="search"
        class="text-search"
        aria-label="Words in prompt or completion"
        title='All words must occur. "in quotes": next to one another; word*: a beginning; -word: must not occur; prompt:word, completion:word: only there'
        placeholder="Search prompts and completions"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span class="filter">
        {select('column', 'Number to filter by', [['', 'any number'], ...named])}
        {numeric('above', 'at least', '≥')}
        {numeric('below', 'at most', '≤')}
      </span>
      {apart.length > 1 && (
        <span class="filter">
          {select('first', 'Disagreement: first part', [['', 'disagreement of'], ...apart])}
          {select('second', 'Disagreement: second part', [['', 'and'], ...apart])}
          {numeric('apart', 'apart by at least', 'by 0.5')}
        </span>
      )}
      {select('cause', 'Verdict', [
        ['', 'any verdict'],
        ...causes.map(
          (cause) =>
            [
              cause,
              cause === 'any'
                ? 'no verdict, any cause'
                : cause === 'none'
                  ? 'with a verdict'
                  : `no verdict: ${cause}`,
            ] as const,
        ),
      ])}
      {select('finish', 'How it ended', [
        ['', 'any end'],
        ...['stop', 'length', 'constraint', 'abort'].map((each) => [each, `ended: ${each}`] as const),
      ])}
      {select('zeroVariance', 'Variance of the group', [
        ['', 'any group'],
        ['true', 'zero-variance groups'],
        ['false', 'groups with variance'],
      ])}
      <span class="filter">
        {numeric('from', 'from step', 'step ≥')}
        {numeric('to', 'to step', 'step ≤')}
      </span>
      {select('order', 'Order', [
        ['', 'first step first'],
        ['desc', 'last step first'],
      ])}
    </search>
  );
}

function Row({ row }: { row: SampleRow }) {
  const parts = Object.entries(row.parts);
  return (
    <>
      <span class="cell where">
        step {row.step}
        <span class="muted">
          <span class="of-group">group {row.group} · </span>#{row.position}
        </span>
      </span>
      <span class="cell reward">
        {row.value === null ? (
          <Badge tone="silent">∅ {row.cause ?? 'not scored'}</Badge>
        ) : (
          <b>{number(row.value)}</b>
        )}
        <span
          class={
            row.advantage === null || row.advantage === 0
              ? 'muted'
              : row.advantage > 0
                ? 'good-text'
                : 'bad-text'
          }
        >
          A {signed(row.advantage)}
        </span>
      </span>
      <span class="cell parts-cell">
        {parts.slice(0, 4).map(([name, value]) => (
          <span key={name} class="muted">
            <bdi>{name}</bdi> {value === null ? '∅' : number(value, 3)}
          </span>
        ))}
        {parts.length > 4 && <span class="muted">+{parts.length - 4}</span>}
      </span>
      <span class="cell words">
        <Excerpt text={row.completion} marks={row.marks.completion} />
        <span class="muted">
          <Excerpt text={row.prompt} marks={row.marks.prompt} />
        </span>
      </span>
      <span class="cell end">
        <FinishBadge finish={row.finish} />
        <span class="muted">{row.length === null ? '' : `${number(row.length)} tok`}</span>
      </span>
    </>
  );
}

function Excerpt({ text, marks }: { text: string; marks: readonly (readonly [number, number])[] }) {
  const flat = text.replaceAll(/[\r\n\t]/g, ' ');
  const units = unitOffsets(flat);
  const pieces = segments(
    flat,
    marks.map(([start, end]) => ({
      start: units(start),
      end: units(end),
      value: null,
      title: '',
      kind: 'match' as const,
    })),
  );
  return (
    <bdi class="excerpt">
      {pieces.map(({ text: piece, mark, control }, i) => {
        const inner = control === undefined ? piece : <span class="control">{control}</span>;
        return mark ? <mark key={i}>{inner}</mark> : <span key={i}>{inner}</span>;
      })}
    </bdi>
  );
}
