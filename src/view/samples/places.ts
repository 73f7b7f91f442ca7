import type { Term } from '../index-file/words.ts';
import { Refusal } from '../refusal.ts';
import type { Filter } from './filter.ts';
import type { Place } from './match-list.ts';
import type { Query, SearchOf } from './query.ts';
import { stepNumbers } from './step-numbers.ts';

/** Steps whose numbers are read with one query; the search pauses only between them. */
const stretch = 64;

/** Samples in the order of steps that pass the filter. Pauses when `spent` says so. */
export function* stepPlaces(
  { store, run, table }: SearchOf,
  query: Query,
  steps: readonly number[],
  filter: Filter | undefined,
  spent: () => boolean,
): Generator<Place> {
  const { split, order, cursor } = query;
  const after = cursor === undefined ? undefined : cursorParts(cursor, 's');
  const sign = order === 'asc' ? 1 : -1;
  const isAfter = (step: number, position: number) =>
    !after || (step - after[0]!) * sign > 0 || (step === after[0] && (position - after[1]!) * sign > 0);
  const todo = (order === 'asc' ? steps : steps.toReversed()).filter(
    (step) => !after || (step - after[0]!) * sign >= 0,
  );
  const counts = new Map<number, number>();
  for (const { step, first, n } of table.blocks(split)) counts.set(step, first + n);
  // Whole steps are skipped by their counts, so that the middle of a long run is as near as its start.
  let skipped = 0;
  let skip = query.offset ?? 0;
  while (skipped < todo.length && skip >= (counts.get(todo[skipped]!) ?? 0))
    skip -= counts.get(todo[skipped++]!) ?? 0;
  for (let at = skipped; at < todo.length; at += stretch) {
    const part = todo.slice(at, at + stretch);
    const kept = new Map<number, Uint8Array>();
    if (filter) {
      const range = { split, from: Math.min(part[0]!, part.at(-1)!), to: Math.max(part[0]!, part.at(-1)!) };
      for (const numbers of stepNumbers(store, run.id, filter.names, range))
        kept.set(numbers.step, filter.keep(numbers));
    }
    for (const step of part) {
      const n = counts.get(step) ?? 0;
      const own = kept.get(step);
      for (let k = 0; k < n; k++) {
        const position = order === 'asc' ? k : n - 1 - k;
        if (skip > 0) skip--;
        else if ((!filter || own?.[position] === 1) && isAfter(step, position))
          yield { step, position, after: position };
      }
    }
    const last = part.at(-1)!;
    if (at + stretch < todo.length && spent())
      yield { step: last, after: order === 'asc' ? (counts.get(last) ?? 0) : -1 };
  }
}

/** Samples whose texts match and that pass the filter, in the same order. */
export function* textPlaces(
  { store, run, index }: SearchOf,
  query: Query,
  terms: readonly Term[],
  filter: Filter | undefined,
  spent: () => boolean,
): Generator<Place> {
  const { split, order, from, to, cursor } = query;
  const after = cursor === undefined ? undefined : cursorParts(cursor, 't')[0];
  let seen: { step: number; kept: Uint8Array } | undefined;
  for (const { row, step, position } of index.matches(run, split, terms, { order, after, from, to })) {
    if (position === undefined) {
      if (spent()) yield { step, after: row };
      continue;
    }
    if (filter && seen?.step !== step) {
      if (seen && spent()) yield { step: seen.step, after: order === 'asc' ? row - 1 : row + 1 };
      const [numbers] = [...stepNumbers(store, run.id, filter.names, { split, from: step, to: step })];
      seen = { step, kept: numbers ? filter.keep(numbers) : new Uint8Array() };
    }
    if (!filter || seen!.kept[position] === 1) yield { step, position, after: row };
  }
}

/** A place as the cursor that goes on after it: `t:ROW` in the text index, `s:STEP:POSITION` among steps. */
export function cursorOf({ step, after }: Place, isText: boolean): string {
  return isText ? `t:${after}` : `s:${step}:${after}`;
}

/** The numbers of a cursor. Throws Refusal (400). */
function cursorParts(cursor: string, kind: 's' | 't'): number[] {
  const found = (kind === 's' ? /^s:(\d{1,15}):(-1|\d{1,15})$/ : /^t:(\d{1,16})$/).exec(cursor);
  if (!found) throw new Refusal(400, "field 'cursor': not one of this search");
  return found.slice(1).map(Number);
}
