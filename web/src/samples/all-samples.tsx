/** All samples of a run under filters: a row each, opened in its group. */
import { useEffect, useState } from 'preact/hooks';
import { runPage, type SampleRow, type StepsAnswer } from '../api.ts';
import { count, number, signed, words } from '../format.ts';
import { navigate, setQuery, useAddress, withQuery } from '../router.ts';
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
}

export function AllSamples({ run, split, steps, last }: AllSamplesProps) {
  const address = useAddress();
  const { query } = address;
  const asked = Object.fromEntries(filters.map((name) => [name, query.get(name)]));
  // A half-made filter asks nothing yet.
  const complete = {
    ...asked,
    column: asked.above || asked.below ? asked.column : null,
    above: asked.column ? asked.above : null,
    below: asked.column ? asked.below : null,
    ...(asked.first && asked.second ? {} : { first: null, second: null, apart: null }),
  };
  const order = query.get('order') ?? 'asc';
  const list = useSampleList(run, { split, ...complete, order }, Math.floor(last / 5));
  const [current, setCurrent] = useState(-1);
  const filtered = filters.some((name) => query.has(name));
  useEffect(() => setCurrent(-1), [JSON.stringify(complete), order]);
  const open = (i: number): void => {
    const row = list.row(i);
    if (!row) return;
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
      <p class="list-state muted" role="status">
        {stateWords(list, filtered)}{' '}
        {filtered && (
          <Link href={withQuery(address, Object.fromEntries(filters.map((name) => [name, null])))}>
            Clear all filters
          </Link>
        )}
      </p>
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {!list.error && list.count === 0 && !list.busy && (
        <Empty title="No sample matches">
          {list.index && list.index.state !== 'ready'
            ? 'The text index is still being made: what it does not hold yet is not found yet.'
            : 'Make a filter wider, or take one away.'}
        </Empty>
      )}
      {!list.error && list.count > 0 && (
        <VirtualList
          label="Samples"
          count={list.count}
          rowHeight={52}
          current={current}
          onCurrent={setCurrent}
          onOpen={open}
          onRange={list.want}
          row={(i) => {
            const row = list.row(i);
            return row ? <Row row={row} /> : <span class="muted">…</span>;
          }}
        />
      )}
      <p class="muted keys">
        <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> open in its group
      </p>
    </>
  );
}

function stateWords(list: ReturnType<typeof useSampleList>, filtered: boolean): string {
  const { scanned, index, open } = list;
  const said = [];
  if (!filtered) said.push(count(list.count, 'sample'));
  else said.push(`${count(list.count - (open ? 1 : 0), 'sample')} found${open ? ' so far' : ''}`);
  if (open && scanned)
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
    const timer = setTimeout(() => setQuery({ text }, { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <select
      aria-label={label}
      value={query.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
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
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
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
          group {row.group} · #{row.position}
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
