import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Json } from '../core/json.ts';
import type { Advantages } from '../core/learning.ts';
import type { Finish, Group, Sample } from '../core/sample.ts';
import { sampleLength } from '../core/sample.ts';
import type { Task } from '../core/task.ts';
import type { Verdict } from '../core/verdict.ts';
import { type Columns, decodeColumns, encodeColumns } from './columns.ts';
import { plainJson } from './plain.ts';

/** A turn as it is stored. `context` is there only where it is not the prompt of the task. */
export interface StoredTurn {
  readonly text: string;
  readonly finish: Finish;
  readonly length?: number;
  readonly rank?: number;
  readonly prefilled?: number;
  readonly context?: Json;
  readonly observation?: string;
  readonly rewards?: { readonly [name: string]: number };
  /** The engine told no text offsets: the credit of this turn counts tokens. */
  readonly noOffsets?: true;
}

/** Advantages along a sample's text: from each UTF-16 offset on, until the next (a token index where there are no offsets). */
export type StoredCredit = readonly (readonly [offset: number, advantage: number])[];

export interface StoredSample {
  readonly step: number;
  readonly split: string;
  /** Which group of the step. */
  readonly group: number;
  /** Place in the step, over all groups. */
  readonly position: number;
  readonly id: string;
  readonly task: Task;
  readonly turns: readonly StoredTurn[];
  /** Tokens that the policy said, where they are known. */
  readonly length?: number;
  readonly verdict?: Verdict;
  /** By term; of token advantages the mean. */
  readonly advantages: { readonly [term: string]: number };
  /** Token advantages by term and turn, in steps of 1/32,767 of the largest in the block. */
  readonly credit?: { readonly [term: string]: readonly StoredCredit[] };
  /** Sum of the log-probabilities of the sampled tokens under the policy that sampled them. */
  readonly logprob?: number;
}

/** A run of samples of one step, ready to be stored. */
export interface Block {
  readonly first: number;
  readonly n: number;
  readonly columns: Uint8Array;
  readonly texts: Uint8Array;
}

export type Terms = { readonly [term: string]: Advantages };

/** Codes of the columns 'cause' and 'finish'. They are in files: only add at the end. */
export const causeCodes = ['reference', 'judge', 'timeout', 'crash', 'unsupported', 'overload'] as const;
export const finishCodes = ['stop', 'length', 'constraint', 'abort'] as const;

/** A block ends when its texts have so many characters, so that one sample can be read without reading a huge step. */
const blockChars = 200_000;
/** Parts beyond so many have no column; the verdicts keep them all. */
const partColumns = 64;

interface Row {
  readonly group: number;
  readonly sample: Sample<unknown>;
  readonly advantages: { [term: string]: number };
  readonly credit: { [term: string]: Float64Array };
}

interface StoredText {
  readonly tasks: { [group: string]: Task };
  readonly samples: {
    readonly id: string;
    readonly turns: StoredTurn[];
    readonly verdict?: Verdict;
    /** By term and turn: offset, advantage as an integer share of `scale`, … */
    readonly credit?: { [term: string]: number[][] };
  }[];
  readonly scale: { [term: string]: number };
}

/** The samples of a step as blocks. `terms` are flat over the samples or their tokens, in the batch's order. */
export function encodeSamples(groups: readonly Group<unknown>[], terms: Terms = {}): Block[] {
  const blocks: Block[] = [];
  const rows = flatten(groups, terms);
  let first = 0;
  let chars = 0;
  for (let i = 0; i < rows.length; i++) {
    for (const turn of rows[i]!.sample.turns) chars += turn.completion.text.length;
    if (chars < blockChars && i + 1 < rows.length) continue;
    const part = rows.slice(first, i + 1);
    blocks.push({
      first,
      n: part.length,
      columns: encodeColumns(part.length, numbersOf(part)),
      texts: deflateRawSync(JSON.stringify(textsOf(part, groups)), { level: 1 }),
    });
    first = i + 1;
    chars = 0;
  }
  return blocks;
}

function flatten(groups: readonly Group<unknown>[], terms: Terms): Row[] {
  const rows: Row[] = [];
  let token = 0;
  groups.forEach((group, g) => {
    for (const sample of group.samples) {
      const tokens = sample.turns.reduce((sum, turn) => sum + turn.completion.tokens.length, 0);
      const row: Row = { group: g, sample, advantages: {}, credit: {} };
      for (const [term, { of, values }] of Object.entries(terms)) {
        if (of === 'sample') row.advantages[term] = values[rows.length] ?? Number.NaN;
        else {
          const own = values.subarray(token, token + tokens);
          row.advantages[term] = own.reduce((sum, value) => sum + value, 0) / own.length;
          row.credit[term] = own;
        }
      }
      token += tokens;
      rows.push(row);
    }
  });
  return rows;
}

function numbersOf(rows: readonly Row[]): Columns {
  const columns = new Map<string, Float64Array>();
  const set = (name: string, i: number, value: number) => {
    let column = columns.get(name);
    if (!column) {
      column = new Float64Array(rows.length).fill(Number.NaN);
      columns.set(name, column);
    }
    column[i] = value;
  };
  for (const name of ['group', 'value', 'cause', 'length', 'finish', 'logprob']) set(name, 0, Number.NaN);
  let parts = 0;
  rows.forEach(({ group, sample, advantages }, i) => {
    const { verdict, turns } = sample;
    set('group', i, group);
    set('value', i, verdict?.value ?? Number.NaN);
    if (verdict?.cause !== undefined) set('cause', i, causeCodes.indexOf(verdict.cause));
    set('length', i, sampleLength(sample) ?? Number.NaN);
    const last = turns[turns.length - 1]?.completion.finish;
    if (last !== undefined) set('finish', i, finishCodes.indexOf(last));
    set('logprob', i, sampledLogprob(sample));
    for (const term of Object.keys(advantages)) set(`advantage:${term}`, i, advantages[term]!);
    for (const [path, part] of partsOf(verdict)) {
      const name = `part:${path}`;
      if (!columns.has(name) && ++parts > partColumns) continue;
      set(name, i, part.value ?? Number.NaN);
    }
  });
  return columns;
}

function sampledLogprob(sample: Sample<unknown>): number {
  let sum = 0;
  let known = false;
  for (const { completion } of sample.turns)
    for (let i = completion.prefilled ?? 0; i < completion.logprobs.length; i++) {
      sum += completion.logprobs[i]!;
      known = true;
    }
  return known ? sum : Number.NaN;
}

/** Every part of a verdict by its path, outermost first: `correct`, `format/think`; a slash in a name is written `~1`. */
export function partsOf(verdict: Verdict | undefined): [path: string, part: Verdict][] {
  const out: [string, Verdict][] = [];
  const open: [string, Verdict][] = verdict ? [['', verdict]] : [];
  for (let at = 0; at < open.length; at++) {
    const [path, { parts }] = open[at]!;
    for (const name of Object.keys(parts ?? {})) {
      const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
      const entry: [string, Verdict] = [path === '' ? escaped : `${path}/${escaped}`, parts![name]!];
      open.push(entry);
      out.push(entry);
    }
  }
  return out;
}

function textsOf(rows: readonly Row[], groups: readonly Group<unknown>[]): StoredText {
  const scale: { [term: string]: number } = {};
  for (const { credit } of rows)
    for (const [term, values] of Object.entries(credit))
      for (const value of values) scale[term] = Math.max(scale[term] ?? 0, Math.abs(value));
  const out: StoredText = { tasks: {}, samples: [], scale };
  for (const { group, sample, credit } of rows) {
    out.tasks[group] ??= plainJson(groups[group]!.task) as unknown as Task;
    out.samples.push({
      id: sample.id,
      turns: sample.turns.map(({ context, completion, observation, rewards }) => ({
        text: completion.text,
        finish: completion.finish,
        length: completion.length,
        rank: completion.rank,
        prefilled: completion.prefilled,
        context: context === sample.task.prompt ? undefined : plainJson(context),
        observation,
        rewards,
        noOffsets: completion.tokens.length > 0 && !completion.offsets ? true : undefined,
      })),
      verdict: sample.verdict,
      credit: Object.keys(credit).length > 0 ? creditOf(sample, credit, scale) : undefined,
    });
  }
  return out;
}

function creditOf(
  sample: Sample<unknown>,
  credit: { [term: string]: Float64Array },
  scale: { [term: string]: number },
): { [term: string]: number[][] } {
  const out: { [term: string]: number[][] } = {};
  for (const [term, values] of Object.entries(credit)) {
    const unit = scale[term]! / 32_767 || 1;
    let token = 0;
    out[term] = sample.turns.map(({ completion }) => {
      const runs: number[] = [];
      for (let t = 0; t < completion.tokens.length; t++) {
        const level = Math.round(values[token++]! / unit);
        if (runs.length === 0 || runs[runs.length - 1] !== level)
          runs.push(completion.offsets?.[t] ?? t, level);
      }
      return runs;
    });
  }
  return out;
}

/** The samples of a stored block. */
export function decodeSamples(
  at: { readonly step: number; readonly split: string },
  block: Block,
): StoredSample[] {
  const columns = decodeColumns(block.columns);
  const texts = JSON.parse(inflateRawSync(block.texts).toString()) as StoredText;
  const number = (name: string, i: number) => {
    const value = columns.get(name)?.[i];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const terms = [...columns.keys()].filter((name) => name.startsWith('advantage:'));
  return texts.samples.map(({ id, turns, verdict, credit }, i) => {
    const group = columns.get('group')![i]!;
    const advantages: Record<string, number> = {};
    for (const name of terms) advantages[name.slice('advantage:'.length)] = columns.get(name)![i]!;
    return {
      step: at.step,
      split: at.split,
      group,
      position: block.first + i,
      id,
      task: texts.tasks[group]!,
      turns,
      length: number('length', i),
      verdict,
      advantages,
      credit: credit && readCredit(credit, texts.scale),
      logprob: number('logprob', i),
    };
  });
}

function readCredit(
  credit: { [term: string]: number[][] },
  scale: { [term: string]: number },
): { [term: string]: StoredCredit[] } {
  const out: { [term: string]: StoredCredit[] } = {};
  for (const [term, turns] of Object.entries(credit)) {
    const unit = scale[term]! / 32_767 || 1;
    out[term] = turns.map((runs) => {
      const pairs: [number, number][] = [];
      for (let i = 0; i < runs.length; i += 2) pairs.push([runs[i]!, runs[i + 1]! * unit]);
      return pairs;
    });
  }
  return out;
}
