import { InputError, type Json, type Sample } from '../core/index.ts';
import {
  type Field,
  type Fields,
  field,
  type Row,
  type RowBatch,
  rowSamples,
} from '../dataset/read/index.ts';
import { type Drop, type LabelWords, readLabel } from './labels.ts';

/** One completion with what people (or a better verifier) said of it. */
export interface Case {
  readonly id: string;
  /** Of the file. */
  readonly line: number;
  /** The completion field it came from. */
  readonly column: string;
  readonly category?: string;
  /** Undefined only where no label field was named. */
  readonly label?: boolean;
  readonly sample: Sample;
}

export interface CaseFields {
  readonly prompt?: string;
  readonly answer?: string;
  readonly id?: string;
  /** Completion fields, and beside each the field of its label; no labels for an audit that needs none. */
  readonly completions: readonly string[];
  readonly labels?: readonly string[];
  readonly category?: string;
  readonly words?: LabelWords;
  readonly drop?: readonly Drop[];
  /**
   * For files without a gold column: rows with the same value of this field are about one question, and what was labelled
   * right in the other rows is the gold of each. A case whose question has no other right answer is left out.
   */
  readonly goldsFrom?: string;
}

export interface CaseBatch {
  readonly cases: readonly Case[];
  readonly share?: number;
  /** Rows left out so far by `drop`, and cases by `goldsFrom`. */
  readonly dropped: number;
}

/** The labelled cases of a file. Throws InputError with file, line and field for what cannot be read. */
export async function* readCases(
  batches: AsyncIterable<RowBatch>,
  fields: CaseFields,
  file: string,
): AsyncGenerator<CaseBatch> {
  const read = plain(batches, fields, file);
  if (fields.goldsFrom === undefined) yield* read;
  else yield await withGolds(read, fields.goldsFrom, file);
}

async function* plain(
  batches: AsyncIterable<RowBatch>,
  fields: CaseFields,
  file: string,
): AsyncGenerator<CaseBatch> {
  const { completions, labels, words } = fields;
  if (labels !== undefined && labels.length !== completions.length)
    throw new InputError(
      `${completions.length} completion fields and ${labels.length} label fields: name one label for each`,
    );
  const columns = completions.map((name, i) => ({
    name,
    label: labels === undefined ? undefined : field(labels[i]!),
    fields: fieldsOf(fields, name),
  }));
  const dropped = (fields.drop ?? []).map(({ field: name, value }) => ({ of: field(name), value }));
  const category = fields.category === undefined ? undefined : field(fields.category);
  // A category or a value to drop that is in no row at all is a slip of the pen.
  const unseen = new Set([
    ...(category ? [category] : []),
    ...dropped.filter(({ value }) => value !== '').map(({ of }) => of),
  ]);
  let count = 0;
  let left = 0;
  for await (const { rows, lines, share } of batches) {
    const cases: Case[] = [];
    rows.forEach((row, i) => {
      const place = { file, line: lines[i]!, row: count + i };
      for (const named of unseen) if (named.get(row) !== undefined) unseen.delete(named);
      if (dropped.some(({ of, value }) => asText(of.get(row)) === value)) {
        left++;
        return;
      }
      const named = asText(category?.get(row));
      for (const column of columns) {
        const { id, samples, isGroup } = rowSamples(row, column.fields, place);
        const given = column.label?.get(row);
        const list = isGroup ? (Array.isArray(given) ? given : []) : [given];
        samples.forEach((sample, k) => {
          const label = column.label && readLabel(list[k], words);
          if (column.label && label === undefined)
            throw new InputError(complaint(list[k]), { file, line: place.line, field: column.label.name });
          cases.push({
            id: samples.length > 1 ? `${id}/${k}` : String(id),
            line: place.line,
            column: column.name,
            ...(named === '' ? {} : { category: named }),
            ...(label === undefined ? {} : { label }),
            sample,
          });
        });
      }
    });
    count += rows.length;
    yield { cases, share, dropped: left };
  }
  if (count === 0) throw new InputError('has no rows', { file });
  for (const { name } of unseen) throw new InputError('no row has this field', { file, field: name });
}

function fieldsOf({ prompt, answer, id }: CaseFields, completion: string): Fields {
  const one = (name: string | undefined): Field | undefined => (name === undefined ? undefined : field(name));
  return {
    completion: field(completion),
    prompt: one(prompt),
    answer: one(answer),
    id: one(id),
    named: { prompt, answer, id, completion },
  };
}

function complaint(found: Json | undefined): string {
  if (found === undefined || found === '')
    return 'the label is missing; leave such rows out with --drop FIELD=';
  const shown = JSON.stringify(found)?.slice(0, 60);
  return `the label ${shown} is neither right nor wrong; name the words with --positive and --negative`;
}

function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** All cases at once, each with the accepted answers of the others about its question as golds. */
async function withGolds(batches: AsyncIterable<CaseBatch>, by: string, file: string): Promise<CaseBatch> {
  const key = field(by);
  const cases: Case[] = [];
  let dropped = 0;
  for await (const batch of batches) {
    cases.push(...batch.cases);
    dropped = batch.dropped;
  }
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const value = asText(key.get(one.sample.task.data as Row));
    if (value === '') throw new InputError('is missing', { file, line: one.line, field: by });
    groups.set(value, [...(groups.get(value) ?? []), one]);
  }
  const kept = cases.flatMap((one) => {
    const group = groups.get(asText(key.get(one.sample.task.data as Row)))!;
    const golds = group.filter((other) => other !== one && other.label === true).map(textOf);
    if (golds.length === 0) return [];
    const task = { ...one.sample.task, answer: golds };
    return [{ ...one, sample: { ...one.sample, task } }];
  });
  return { cases: kept, dropped: dropped + cases.length - kept.length };
}

function textOf({ sample }: Case): string {
  return sample.turns[sample.turns.length - 1]!.completion.text;
}
