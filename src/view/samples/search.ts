import type { SampleRow, SamplesAnswer } from '../api.ts';
import { parseTextQuery, type Term } from '../index-file/words.ts';
import { Refusal } from '../refusal.ts';
import { type Filter, filterOf } from './filter.ts';
import { stepsOf } from './groups.ts';
import type { Place } from './match-list.ts';
import { cursorOf, stepPlaces, textPlaces } from './places.ts';
import type { Query, SearchOf } from './query.ts';
import { createRowReader } from './rows.ts';

/** One request searches for so long; a page that has a screenful by then is given back as it is. */
const most = { milliseconds: 100, screenful: 20 };
/**
 * Where a list is made: a page that had to be looked for is given back after so long as soon as it is there, and a request that
 * only counts the rest takes so long, that others are answered between two of them.
 */
const soon = { page: 30, count: 60 };

/** A query as it was read, and what it can find. */
interface Search {
  readonly of: SearchOf;
  readonly query: Query;
  readonly terms: readonly Term[] | undefined;
  readonly filter: Filter | undefined;
  /** Steps of the range that have samples. */
  readonly steps: readonly number[];
  /** Samples by step. */
  readonly counts: ReadonlyMap<number, number>;
  read(step: number, position: number): SampleRow | undefined;
}

/** A page of a run's samples under filters. Throws Refusal (400) for a text or cursor that cannot be read. */
export function searchSamples(of: SearchOf, query: Query): SamplesAnswer {
  const { store, run, table, index } = of;
  const { split, from = 0, to = Number.MAX_SAFE_INTEGER } = query;
  const text = query.text?.trim() ? parseTextQuery(query.text) : undefined;
  if (text && 'error' in text) throw new Refusal(400, `field 'text': ${text.error}`);
  if (text) index.focus(run.id);
  const filter = filterOf(query);
  if (query.offset !== undefined && query.cursor !== undefined)
    throw new Refusal(400, "field 'offset': only without a cursor");
  const blocks = table.blocks(split).filter(({ step }) => step >= from && step <= to);
  const counts = new Map<number, number>();
  for (const { step, first, n } of blocks) counts.set(step, first + n);
  const search: Search = {
    of,
    query,
    terms: text?.terms,
    filter,
    steps: stepsOf(table, split).filter((step) => step >= from && step <= to),
    counts,
    read: createRowReader({ store, run: run.id, split, blocks }, text?.terms ?? []),
  };
  const state = text
    ? index.state(
        run,
        store.splits(run.id).reduce((sum, one) => sum + count(table.blocks(one)), 0),
      )
    : null;
  if (query.offset !== undefined && (text || filter))
    return { ...listed(search, query.offset, state === null || state.state === 'ready'), index: state };
  const total = text || filter ? null : count(blocks);
  return { ...walked(search), total, found: total, index: state };
}

function placesOf(
  { of, terms, filter, steps }: Search,
  query: Query,
  spent: () => boolean,
): Generator<Place> {
  return terms ? textPlaces(of, query, terms, filter, spent) : stepPlaces(of, query, steps, filter, spent);
}

/** A page after a cursor: what is before it is not looked at. */
function walked(search: Search): Pick<SamplesAnswer, 'samples' | 'next' | 'scanned'> {
  const { query, steps } = search;
  const began = performance.now();
  const spent = () => performance.now() - began > most.milliseconds;
  const samples: SampleRow[] = [];
  let reached: Place | undefined;
  let next: string | null = null;
  for (const place of placesOf(search, query, spent)) {
    if (samples.length >= query.limit || (samples.length >= most.screenful && spent())) {
      next = cursorOf(reached!, search.terms !== undefined);
      break;
    }
    reached = place;
    if (place.position === undefined) {
      next = cursorOf(place, search.terms !== undefined);
      break;
    }
    const row = search.read(place.step, place.position);
    if (row) samples.push(row);
  }
  const last = next === null ? (query.order === 'asc' ? steps.at(-1) : steps[0]) : reached!.step;
  return { samples, next, scanned: scannedTo(search, last) };
}

/**
 * A page at any place of what the query finds. Its list is made a stretch at a time, as requests come, and remembered: it is
 * complete when `total` is known. `ready`: no text is missing in the index.
 */
function listed(
  search: Search,
  offset: number,
  ready: boolean,
): Pick<SamplesAnswer, 'samples' | 'next' | 'total' | 'found' | 'scanned'> {
  const { of, query, terms, steps, counts } = search;
  const { order, limit, split } = query;
  let began = performance.now();
  const rows = terms && of.index.progress(of.run, split);
  const newest = steps.at(-1) ?? -1;
  const list = of.lists.get(
    JSON.stringify([
      of.table.stamp,
      of.run.id,
      { ...query, offset: null, limit: null },
      rows?.rows,
      // A list that begins with the newest is another one when there are newer ones.
      order === 'desc' && [newest, rows?.next],
    ]),
    order,
  );
  const state = `${newest} ${rows?.next}`;
  if (list.whole !== state) {
    list.whole = undefined;
    const there = list.found >= offset + limit;
    const spent = () => {
      const enough = !there && list.found >= offset + limit;
      return performance.now() - began > (there ? soon.count : enough ? soon.page : most.milliseconds);
    };
    // The index may know of a step that was written since the steps were read: that one is for the next request.
    const cursor = list.last && cursorOf(list.last, terms !== undefined);
    const rest = { ...query, offset: undefined, cursor, to: newest };
    let ended = true;
    let added = 0;
    for (const place of steps.length === 0 ? [] : placesOf(search, rest, spent)) {
      list.add(place, counts.get(place.step) ?? 0);
      // Finding the place where a text search was takes its time too, which must not be all there is.
      if (added++ === 0) began = performance.now();
      ended = !spent();
      if (!ended) break;
    }
    if (ended) list.whole = state;
  }
  const samples: SampleRow[] = [];
  const reading = performance.now();
  for (const { step, position } of list.from(offset)) {
    const row = search.read(step, position);
    if (row) samples.push(row);
    const late = performance.now() - reading > most.milliseconds;
    if (samples.length >= limit || (late && samples.length >= most.screenful)) break;
  }
  const whole = list.whole !== undefined;
  const last = whole ? (order === 'asc' ? steps.at(-1) : steps[0]) : list.last?.step;
  return {
    samples,
    next: null,
    total: whole && ready ? list.found : null,
    found: list.found,
    scanned: scannedTo(search, last),
  };
}

function scannedTo({ steps, query }: Search, last: number | undefined): SamplesAnswer['scanned'] {
  const passed = steps.filter(
    (step) => last !== undefined && (query.order === 'asc' ? step <= last : step >= last),
  );
  return { step: last ?? -1, done: passed.length, of: steps.length };
}

function count(blocks: readonly { readonly n: number }[]): number {
  return blocks.reduce((sum, { n }) => sum + n, 0);
}
