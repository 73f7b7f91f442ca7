import type { z } from 'zod';
import { isNoVerdict } from '../../core/index.ts';
import {
  type BlockPlace,
  type ColumnBlock,
  causeCodes,
  finishCodes,
  type RunRecord,
  type Store,
  type StoredSample,
} from '../../store/index.ts';
import type { SampleRow, SamplesAnswer, samplesQuery } from '../api.ts';
import { finite } from '../metrics.ts';
import { Refusal } from '../refusal.ts';
import type { RunTable } from '../run-table.ts';
import type { TextIndex } from '../text-index/index.ts';
import { marksIn, parseTextQuery, type Term } from '../text-index/words.ts';
import { excerpt } from './excerpt.ts';
import { stepsOf } from './groups.ts';
import { promptLines } from './present.ts';

type Query = z.output<typeof samplesQuery>;

/** One request looks at so many blocks' numbers, and reads texts for so long once it has a screenful. */
const most = { blocks: 2000, milliseconds: 120, screenful: 20 };
/** Steps whose numbers are read with one query. */
const stretch = 64;

interface Found {
  readonly step: number;
  readonly position: number;
  /** What the next page begins after. */
  readonly cursor: string;
}

export interface SearchOf {
  readonly store: Store;
  readonly run: RunRecord;
  readonly table: RunTable;
  readonly index: TextIndex;
}

/** A page of a run's samples under filters. Throws Refusal (400) for a text or cursor that cannot be read. */
export function searchSamples(of: SearchOf, query: Query): SamplesAnswer {
  const { store, run, table, index } = of;
  const text = query.text === undefined || query.text.trim() === '' ? undefined : parseTextQuery(query.text);
  if (text && 'error' in text) throw new Refusal(400, `field 'text': ${text.error}`);
  const wants = filterOf(query);
  const steps = stepsOf(table, query.split).filter(
    (step) => step >= (query.from ?? 0) && step <= (query.to ?? Number.MAX_SAFE_INTEGER),
  );
  const blocks = table.blocks(query.split);
  const places = text ? textPlaces(of, query, text.terms, wants) : stepPlaces(of, query, steps, wants);
  const rows = new RowReader(store, run.id, query.split, text?.terms ?? []);
  const samples: SampleRow[] = [];
  const began = performance.now();
  let next: string | null = null;
  let reached: Found | { readonly step: number; readonly cursor: string } | undefined;
  for (const place of places) {
    if (
      samples.length >= query.limit ||
      (samples.length >= most.screenful && performance.now() - began > most.milliseconds)
    ) {
      next = reached!.cursor;
      break;
    }
    reached = place;
    if (!('position' in place)) {
      next = place.cursor; // the budget is used up: go on from here
      break;
    }
    const row = rows.read(place, blockAt(blocks, place.step, place.position));
    if (row) samples.push(row);
  }
  const step = next === null ? (query.order === 'asc' ? steps.at(-1) : steps[0]) : reached!.step;
  const passed = steps.filter((one) => (query.order === 'asc' ? one <= (step ?? -1) : one >= (step ?? 0)));
  const isPlain = !text && !wants;
  if (text) index.focus(run.id);
  const total = (list: readonly BlockPlace[]) => list.reduce((sum, { n }) => sum + n, 0);
  const inRange = (place: BlockPlace) =>
    place.step >= (query.from ?? 0) && place.step <= (query.to ?? Number.MAX_SAFE_INTEGER);
  return {
    samples,
    next,
    total: isPlain ? total(blocks.filter(inRange)) : null,
    scanned: { step: step ?? -1, done: passed.length, of: steps.length },
    index: text
      ? index.state(
          run,
          store.splits(run.id).reduce((sum, split) => sum + total(table.blocks(split)), 0),
        )
      : null,
  };
}

function blockAt(blocks: readonly BlockPlace[], step: number, position: number): BlockPlace | undefined {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = blocks[middle]!;
    if (at.step < step || (at.step === step && at.first <= position)) low = middle + 1;
    else high = middle;
  }
  const found = blocks[low - 1];
  return found?.step === step ? found : undefined;
}

/** A step's numbers over all of its blocks; `at(name, i)` is NaN where there is none. */
interface StepNumbers {
  readonly step: number;
  readonly n: number;
  at(name: string, i: number): number;
}

type Filter = { readonly names: readonly string[]; keep(step: StepNumbers): Uint8Array };

/** What the query asks of a sample's numbers; undefined where it asks nothing. */
function filterOf(query: Query): Filter | undefined {
  const { column, above, below, first, second, apart = 0.5, cause, finish, zeroVariance } = query;
  if ((above !== undefined || below !== undefined) && column === undefined)
    throw new Refusal(400, "field 'column': name what is to be above or below");
  if ((first === undefined) !== (second === undefined))
    throw new Refusal(400, "field 'second': a disagreement needs both first and second");
  const names: string[] = [];
  const tests: ((step: StepNumbers, i: number) => boolean)[] = [];
  if (column !== undefined) {
    names.push(column);
    tests.push((step, i) => {
      const value = step.at(column, i);
      return !Number.isNaN(value) && !(value < (above ?? -Infinity)) && !(value > (below ?? Infinity));
    });
  }
  if (first !== undefined && second !== undefined) {
    names.push(first, second);
    tests.push((step, i) => Math.abs(step.at(first, i) - step.at(second, i)) >= apart);
  }
  if (cause !== undefined) {
    names.push('value', 'cause');
    const code = causeCodes.indexOf(cause as (typeof causeCodes)[number]);
    if (cause === 'none') tests.push((step, i) => !Number.isNaN(step.at('value', i)));
    else if (cause === 'any') tests.push((step, i) => Number.isNaN(step.at('value', i)));
    else tests.push((step, i) => step.at('cause', i) === code);
  }
  if (finish !== undefined) {
    names.push('finish');
    tests.push((step, i) => step.at('finish', i) === finishCodes.indexOf(finish));
  }
  if (zeroVariance !== undefined) names.push('value', 'group');
  if (names.length === 0) return undefined;
  return {
    names: [...new Set(names)],
    keep: (step) => {
      const alike = zeroVariance === undefined ? undefined : zeroVarianceOf(step);
      const kept = new Uint8Array(step.n);
      for (let i = 0; i < step.n; i++)
        if ((!alike || alike[i] === Number(zeroVariance)) && tests.every((test) => test(step, i)))
          kept[i] = 1;
      return kept;
    },
  };
}

/** For each sample 1 where all values of its group are alike. */
function zeroVarianceOf(step: StepNumbers): Uint8Array {
  const first = new Map<number, number>();
  const varied = new Set<number>();
  for (let i = 0; i < step.n; i++) {
    const [group, value] = [step.at('group', i), step.at('value', i)];
    if (Number.isNaN(value)) continue;
    const seen = first.get(group);
    if (seen === undefined) first.set(group, value);
    else if (seen !== value) varied.add(group);
  }
  return Uint8Array.from({ length: step.n }, (_, i) => (varied.has(step.at('group', i)) ? 0 : 1));
}

function* stepNumbers(
  { store, run }: SearchOf,
  split: string,
  names: readonly string[],
  from: number,
  to: number,
): Generator<StepNumbers> {
  let blocks: ColumnBlock[] = [];
  const whole = (): StepNumbers => {
    const own = blocks;
    const last = own.at(-1)!;
    return {
      step: last.step,
      n: last.first + last.n,
      at: (name, i) => {
        const block = own.length === 1 ? own[0]! : own.findLast(({ first }) => first <= i)!;
        return block.columns.get(name)?.[i - block.first] ?? Number.NaN;
      },
    };
  };
  for (const block of store.columns(run.id, names, { split, from, to })) {
    if (blocks.length > 0 && block.step !== blocks[0]!.step) {
      yield whole();
      blocks = [];
    }
    blocks.push(block);
  }
  if (blocks.length > 0) yield whole();
}

type Place = Found | { readonly step: number; readonly cursor: string };

/** Samples in the order of steps that pass the filter; when the budget is used up, a place without a position. */
function* stepPlaces(
  of: SearchOf,
  query: Query,
  steps: readonly number[],
  filter: Filter | undefined,
): Generator<Place> {
  const { split, order, cursor } = query;
  const after = cursor === undefined ? undefined : cursorParts(cursor, 's');
  const sign = order === 'asc' ? 1 : -1;
  const isAfter = (step: number, position: number) =>
    !after || (step - after[0]!) * sign > 0 || (step === after[0] && (position - after[1]!) * sign > 0);
  const todo = (order === 'asc' ? steps : [...steps].reverse()).filter(
    (step) => !after || (step - after[0]!) * sign >= 0,
  );
  const counts = new Map<number, number>();
  for (const { step, first, n } of of.table.blocks(split)) counts.set(step, first + n);
  let looked = 0;
  for (let at = 0; at < todo.length; at += stretch) {
    const part = todo.slice(at, at + stretch);
    const kept = new Map<number, Uint8Array>();
    if (filter)
      for (const numbers of stepNumbers(of, split, filter.names, Math.min(...part), Math.max(...part)))
        kept.set(numbers.step, filter.keep(numbers));
    for (const step of part) {
      const n = counts.get(step) ?? 0;
      const own = kept.get(step);
      for (let k = 0; k < n; k++) {
        const position = order === 'asc' ? k : n - 1 - k;
        if ((!filter || own?.[position] === 1) && isAfter(step, position))
          yield { step, position, cursor: `s:${step}:${position}` };
      }
      if (filter && ++looked >= most.blocks && step !== todo.at(-1)) {
        yield { step, cursor: `s:${step}:${order === 'asc' ? n : -1}` };
        return;
      }
    }
  }
}

/** Samples whose texts match and that pass the filter. */
function* textPlaces(
  of: SearchOf,
  query: Query,
  terms: readonly Term[],
  filter: Filter | undefined,
): Generator<Place> {
  const { split, order, from, to, cursor } = query;
  const after = cursor === undefined ? undefined : cursorParts(cursor, 't')[0];
  let looked = 0;
  let seen: { step: number; kept: Uint8Array } | undefined;
  for (const { row, step, position } of of.index.matches(of.run, split, terms, { order, after, from, to })) {
    if (filter && seen?.step !== step) {
      const [numbers] = [...stepNumbers(of, split, filter.names, step, step)];
      seen = { step, kept: numbers ? filter.keep(numbers) : new Uint8Array() };
      looked++;
    }
    if (!filter || seen!.kept[position] === 1) yield { step, position, cursor: `t:${row}` };
    else if (looked >= most.blocks) {
      yield { step, cursor: `t:${row}` };
      return;
    }
  }
}

/** `s:STEP:POSITION` among steps, `t:ROW` in the index. */
function cursorParts(cursor: string, kind: 's' | 't'): number[] {
  const found = (kind === 's' ? /^s:(\d{1,15}):(-1|\d{1,15})$/ : /^t:(\d{1,16})$/).exec(cursor);
  if (!found) throw new Refusal(400, "field 'cursor': not one of this search");
  return found.slice(1).map(Number);
}

/** Reads rows; samples that follow one another mostly lie in one block. */
class RowReader {
  readonly #store: Store;
  readonly #run: string;
  readonly #split: string;
  readonly #terms: readonly Term[];
  #block: { readonly place: BlockPlace; readonly samples: readonly StoredSample[] } | undefined;
  #step: { readonly step: number; readonly alike: Uint8Array } | undefined;

  constructor(store: Store, run: string, split: string, terms: readonly Term[]) {
    this.#store = store;
    this.#run = run;
    this.#split = split;
    this.#terms = terms;
  }

  /** Undefined where the sample is not in the store any more. */
  read(
    { step, position }: { readonly step: number; readonly position: number },
    place: BlockPlace | undefined,
  ): SampleRow | undefined {
    if (!place) return undefined;
    if (this.#block?.place !== place)
      this.#block = { place, samples: this.#store.blockSamples(this.#run, place, this.#split) };
    const sample = this.#block.samples[position - place.first];
    return sample && this.#row(sample, this.#alike(step)[position] === 1);
  }

  #alike(step: number): Uint8Array {
    if (this.#step?.step !== step) {
      const of = { store: this.#store, run: { id: this.#run } } as SearchOf;
      const [numbers] = [...stepNumbers(of, this.#split, ['value', 'group'], step, step)];
      this.#step = { step, alike: numbers ? zeroVarianceOf(numbers) : new Uint8Array() };
    }
    return this.#step.alike;
  }

  #row(sample: StoredSample, zeroVariance: boolean): SampleRow {
    const { verdict, turns, task, advantages } = sample;
    const prompt = promptLines(task.prompt);
    const completion = turns.map(({ text }) => text).join('\n');
    const shown = {
      prompt: excerpt(prompt, marksIn(prompt, this.#terms, 'prompt', 20)),
      completion: excerpt(completion, marksIn(completion, this.#terms, 'completion', 20)),
    };
    return {
      step: sample.step,
      split: sample.split,
      group: sample.group,
      position: sample.position,
      id: sample.id,
      prompt: shown.prompt.text,
      completion: shown.completion.text,
      marks: { prompt: shown.prompt.marks, completion: shown.completion.marks },
      value: isNoVerdict(verdict) ? null : verdict!.value,
      cause: verdict?.cause ?? null,
      reason: verdict?.reason?.slice(0, 500) ?? null,
      parts: Object.fromEntries(
        Object.entries(verdict?.parts ?? {})
          .slice(0, 64)
          .map(([name, part]) => [name, finite(part.value)]),
      ),
      advantage: finite(advantages.policy ?? Object.values(advantages)[0]),
      finish: turns.at(-1)?.finish ?? null,
      length: sample.length ?? null,
      zeroVariance,
    };
  }
}
