import type { z } from 'zod';
import { InputError, oneLine } from '../core/index.ts';
import { graderTypes } from './grader/grader.ts';

/** What a SPEC says: a reward of the catalogue, a module that exports one, or an OpenAI grader. */
export type RewardSpec =
  | {
      readonly kind: 'named';
      readonly name: string;
      readonly options: { readonly [name: string]: unknown };
      /** From `name?option=value`: still texts, to be read by the reward's schema. */
      readonly query?: readonly (readonly [name: string, value: string])[];
    }
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'grader'; readonly grader: { readonly [field: string]: unknown } };

/**
 * Reads a SPEC: `math`, `math?precision=4&x=y`, `{"name": "math", "options": {…}}` as text or as an object, or the path of
 * a TypeScript or JavaScript module, or the JSON of an OpenAI grader. Throws InputError.
 */
export function readSpec(from: unknown): RewardSpec {
  if (typeof from === 'object' && from !== null && !Array.isArray(from)) return fromObject(from as Fields);
  if (typeof from !== 'string' || from.trim() === '')
    throw new InputError('a reward is named by a text or an object');
  const text = from.trim();
  if (text.startsWith('{')) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (thrown) {
      throw new InputError(`the reward is not valid JSON: ${oneLine(thrown, 120)}`);
    }
    return fromObject(parsed as Fields);
  }
  if (/\.[cm]?[jt]s$/.test(text)) return { kind: 'module', path: text };
  const mark = text.indexOf('?');
  const name = mark < 0 ? text : text.slice(0, mark);
  if (/[\\/]/.test(name)) throw new InputError('a module ends in .ts, .mts, .js or .mjs', { file: name });
  return { kind: 'named', name, options: {}, query: mark < 0 ? undefined : readQuery(text.slice(mark + 1)) };
}

type Fields = { readonly [key: string]: unknown };

function fromObject(fields: Fields): RewardSpec {
  const { name, options = {}, type, module } = fields;
  if (graderTypes.some((one) => one === type)) return { kind: 'grader', grader: fields };
  const extra = Object.keys(fields).find((key) => !['name', 'options', 'module', 'version'].includes(key));
  if (extra !== undefined)
    throw new InputError(`a reward has { name, options }, not '${extra.slice(0, 80)}'`);
  if (typeof module === 'string' && name === undefined) return { kind: 'module', path: module };
  if (typeof name !== 'string')
    throw new InputError('a reward\'s JSON needs a name: {"name": …, "options": {…}}');
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InputError(`reward '${name.slice(0, 80)}': its options must be an object`);
  return { kind: 'named', name, options: options as Fields };
}

/** Like a URL's query, but `+` is a plus. */
function readQuery(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decode(pair), '']
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % means itself
  }
}

/**
 * The options of a query by their schema: each value is taken as text if the option takes text, else as JSON, else as a
 * list at its commas; a name alone is true. What fits nothing is left as it is for the schema's own complaint.
 */
export function coerceOptions(
  schema: z.ZodObject,
  query: readonly (readonly [string, string])[],
  of: string,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (Object.hasOwn(options, name)) throw new InputError(`${of}: option '${name}' is given twice`);
    const field = Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
    const readings: unknown[] = [text, ...(text === '' ? [true] : []), ...json(text), text.split(',')];
    const fitting = field && readings.find((reading) => field.safeParse(reading).success);
    // Not fitting: JSON first, since a number out of its range should be called that.
    options[name] = fitting ?? json(text)[0] ?? text;
  }
  return options;
}

function json(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
