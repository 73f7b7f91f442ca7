import { exactField, InputError, type Json } from '../../core/index.ts';
import type { Row } from './rows.ts';

/** Reads one field of rows, numbers that a double cannot hold as their text (see `exactField`). */
export interface Field {
  readonly name: string;
  get(row: Row): Json | undefined;
}

/** A field by name; `a.b.0` goes into objects and lists, unless the row itself has a field called that. */
export function field(name: string): Field {
  const steps = name.split('.');
  if (steps.length === 1) return { name, get: (row) => exactField(row, name) };
  return {
    name,
    get: (row) => {
      const whole = exactField(row, name);
      if (whole !== undefined) return whole;
      let value: Json | undefined = row as Json;
      for (const step of steps) {
        if (typeof value !== 'object' || value === null) return undefined;
        value = exactField(value, step);
      }
      return value;
    },
  };
}

/** Which fields hold what. A name that is undefined is guessed from the first row. */
export interface FieldNames {
  readonly prompt?: string;
  readonly completion?: string;
  readonly answer?: string;
  readonly id?: string;
  /** The number of tokens of the completion. */
  readonly tokens?: string;
}

export interface Fields {
  readonly completion: Field;
  readonly prompt?: Field;
  readonly answer?: Field;
  readonly id?: Field;
  readonly tokens?: Field;
  /** Those that the caller named: a row without one is a mistake, not a gap. */
  readonly named: FieldNames;
}

const usual = {
  prompt: ['prompt', 'question', 'Question', 'problem', 'query', 'instruction', 'input', 'messages'],
  completion: [
    'completion',
    'response',
    'output',
    'solution',
    'generation',
    'prediction',
    'completions',
    'responses',
  ],
  answer: ['answer', 'ground_truth', 'golden_answer', 'target', 'label', 'reference', 'gold', 'expected'],
  id: ['id', 'task_id', 'uid', 'key'],
  tokens: ['completion_tokens'],
} as const;

/** The field of a row that by its name looks like this role, unless it is taken for another. */
export function guessField(
  role: keyof typeof usual,
  row: Row,
  taken: ReadonlySet<string> = new Set(),
): string | undefined {
  return usual[role].find((one) => !taken.has(one) && Object.hasOwn(row, one));
}

/** The fields of a file, named or guessed by its first row. Throws InputError when there is no completion. */
export function chooseFields(names: FieldNames, first: Row, file: string, line?: number): Fields {
  const taken = new Set(Object.values(names).filter((name) => name !== undefined));
  const guess = (role: keyof typeof usual): Field | undefined => {
    const name = names[role] ?? guessField(role, first, taken);
    return name === undefined ? undefined : field(name);
  };
  const completion = guess('completion');
  if (completion === undefined) {
    const has = Object.keys(first).slice(0, 12).join(', ');
    throw new InputError(`no field looks like a completion; name it with --completion (fields: ${has})`, {
      file,
      line,
    });
  }
  const [prompt, answer, id, tokens] = [guess('prompt'), guess('answer'), guess('id'), guess('tokens')];
  return { completion, prompt, answer, id, tokens, named: names };
}
