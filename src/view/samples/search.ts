import type { SampleRow, SamplesAnswer } from '../api.ts';
import { parseTextQuery } from '../index-file/words.ts';
import { Refusal } from '../refusal.ts';
import { filterOf } from './filter.ts';
import { stepsOf } from './groups.ts';
import { type Place, stepPlaces, textPlaces } from './places.ts';
import type { Query, SearchOf } from './query.ts';
import { createRowReader } from './rows.ts';

/** One request searches for so long; a page that has a screenful by then is given back as it is. */
const most = { milliseconds: 100, screenful: 20 };

/** A page of a run's samples under filters. Throws Refusal (400) for a text or cursor that cannot be read. */
export function searchSamples(of: SearchOf, query: Query): SamplesAnswer {
  const { store, run, table, index } = of;
  const { split, from = 0, to = Number.MAX_SAFE_INTEGER, order, limit } = query;
  const text = query.text?.trim() ? parseTextQuery(query.text) : undefined;
  if (text && 'error' in text) throw new Refusal(400, `field 'text': ${text.error}`);
  if (text) index.focus(run.id);
  const filter = filterOf(query);
  if (query.offset !== undefined && (text || filter || query.cursor !== undefined))
    throw new Refusal(400, "field 'offset': only without text, filters and cursor");
  const blocks = table.blocks(split).filter(({ step }) => step >= from && step <= to);
  const steps = stepsOf(table, split).filter((step) => step >= from && step <= to);
  const began = performance.now();
  const spent = () => performance.now() - began > most.milliseconds;
  const places = text
    ? textPlaces(of, query, text.terms, filter, spent)
    : stepPlaces(of, query, steps, filter, spent);
  const read = createRowReader({ store, run: run.id, split, blocks }, text?.terms ?? []);

  const samples: SampleRow[] = [];
  let reached: Place | undefined;
  let next: string | null = null;
  for (const place of places) {
    if (samples.length >= limit || (samples.length >= most.screenful && spent())) {
      next = reached!.cursor;
      break;
    }
    reached = place;
    if (place.position === undefined) {
      next = place.cursor;
      break;
    }
    const row = read(place.step, place.position);
    if (row) samples.push(row);
  }
  const last = next === null ? (order === 'asc' ? steps.at(-1) : steps[0]) : reached!.step;
  const passed = steps.filter(
    (step) => last !== undefined && (order === 'asc' ? step <= last : step >= last),
  );
  return {
    samples,
    next,
    total: text || filter ? null : count(blocks),
    scanned: { step: last ?? -1, done: passed.length, of: steps.length },
    index: text
      ? index.state(
          run,
          store.splits(run.id).reduce((sum, one) => sum + count(table.blocks(one)), 0),
        )
      : null,
  };
}

function count(blocks: readonly { readonly n: number }[]): number {
  return blocks.reduce((sum, { n }) => sum + n, 0);
}
