import {
  InputError,
  type Json,
  type Message,
  type Prompt,
  type Sample,
  type Task,
  textSample,
} from '../../core/index.ts';
import type { Fields } from './fields.ts';
import { kindOf } from './jsonl.ts';
import type { Row } from './rows.ts';

/** One row as a task with its completions: one, or several where the field holds a list (a group). */
export interface RowSamples {
  readonly id: string | number;
  readonly task: Task;
  readonly samples: readonly Sample[];
  readonly isGroup: boolean;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  /** The row's number in the file, from 0: its id when it has none of its own. */
  readonly row: number;
}

/**
 * The samples of a row. `task.data` is the row itself, and the fields of its own `data` object, if it has one, stand in it
 * as well. Throws InputError with file, line and field when one that was named is missing or of the wrong kind.
 */
export function rowSamples(row: Row, fields: Fields, place: Place): RowSamples {
  const { id, task } = rowTask(row, fields, place);
  const completions = completionTexts(fields.completion.get(row), fields, place);
  const counts = tokenCounts(row, completions, fields, place);
  if (typeof completions === 'string')
    return { id, task, samples: [textSample(task, completions, task.id, counts[0])], isGroup: false };
  return {
    id,
    task,
    samples: completions.map((text, k) => textSample(task, text, `${id}/${k}`, counts[k])),
    isGroup: true,
  };
}

/** The task of a row, without its completions. */
export function rowTask(
  row: Row,
  fields: Pick<Fields, 'prompt' | 'answer' | 'id' | 'named'>,
  place: Place,
): { id: string | number; task: Task } {
  const given = fields.id?.get(row);
  const id = typeof given === 'string' || typeof given === 'number' ? given : place.row;
  if (fields.named.id !== undefined && id !== given)
    throw missing(fields.named.id, given, 'a text or a number', place);
  const prompt = readPrompt(fields.prompt?.get(row));
  if (prompt === undefined && fields.named.prompt !== undefined)
    throw missing(fields.named.prompt, fields.prompt?.get(row), 'a text or a list of messages', place);
  const answer = fields.answer?.get(row);
  if (answer === undefined && fields.named.answer !== undefined)
    throw missing(fields.named.answer, answer, 'a value', place);
  return {
    id,
    task: { id: String(id), prompt: prompt ?? '', answer: answer ?? undefined, data: taskData(row) },
  };
}

function taskData(row: Row): Row {
  const { data } = row;
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? { ...row, ...(data as Row) }
    : row;
}

function missing(
  field: string,
  found: Json | undefined,
  expected: string,
  { file, line }: Place,
): InputError {
  const message = found === undefined ? 'is missing' : `expected ${expected}, found ${kindOf(found)}`;
  return new InputError(message, { file, line, field });
}

function completionTexts(from: Json | undefined, { completion }: Fields, place: Place): string | string[] {
  const one = completionText(from);
  if (one !== undefined) return one;
  if (!Array.isArray(from)) throw missing(completion.name, from, 'a text or a list of texts', place);
  return (from as readonly Json[]).map((member, i) => {
    const text = completionText(member);
    if (text === undefined) throw missing(`${completion.name}.${i}`, member, 'a text', place);
    return text;
  });
}

/**
 * How many tokens each completion is, or nothing where the row does not say. A field that the caller named must; one that was
 * guessed by its name may hold something else.
 */
function tokenCounts(
  row: Row,
  completions: string | readonly string[],
  { tokens, named }: Fields,
  place: Place,
): readonly (number | undefined)[] {
  const given = tokens?.get(row);
  if (tokens === undefined) return [];
  const single = typeof completions === 'string';
  const counts = (single ? [given] : Array.isArray(given) ? (given as readonly Json[]) : []).map(tokenCount);
  if (counts.length === (single ? 1 : completions.length) && counts.every((one) => one !== undefined))
    return counts;
  if (named.tokens === undefined) return [];
  const expected = single ? 'a number of tokens' : `a list of ${completions.length} numbers of tokens`;
  throw missing(tokens.name, given, expected, place);
}

/** A whole number, also as the text that a table holds. */
function tokenCount(from: Json | undefined): number | undefined {
  const count = typeof from === 'string' && /^\d{1,9}$/.test(from) ? Number(from) : from;
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}

/** A text, or a conversation's assistant messages. */
function completionText(from: Json | undefined): string | undefined {
  if (typeof from === 'string') return from;
  const messages = readMessages(from);
  if (messages === undefined) return undefined;
  return messages
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => (typeof content === 'string' ? content : ''))
    .join('\n');
}

function readPrompt(from: Json | undefined): Prompt | undefined {
  return typeof from === 'string' ? from : readMessages(from);
}

const roles = new Set(['system', 'user', 'assistant', 'tool']);

function readMessages(from: Json | undefined): readonly Message[] | undefined {
  if (!Array.isArray(from) || from.length === 0) return undefined;
  const isMessage = (one: Json): boolean => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return false;
    const { role, content } = one as { role?: Json; content?: Json };
    return (
      typeof role === 'string' && roles.has(role) && (typeof content === 'string' || Array.isArray(content))
    );
  };
  return (from as readonly Json[]).every(isMessage) ? (from as unknown as readonly Message[]) : undefined;
}
