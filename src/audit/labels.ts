import { InputError, type Json } from '../core/index.ts';

const yes = new Set([
  'true',
  'yes',
  'y',
  '1',
  '1.0',
  'correct',
  'right',
  'equal',
  'equivalent',
  'acceptable',
  'pass',
  'accept',
]);
const no = new Set([
  'false',
  'no',
  'n',
  '0',
  '0.0',
  'incorrect',
  'wrong',
  'unequal',
  'different',
  'unacceptable',
  'fail',
  'reject',
]);

/** Which label values mean right and which wrong; where given, only these count. */
export interface LabelWords {
  readonly positive?: readonly string[];
  readonly negative?: readonly string[];
}

/**
 * A label as right or wrong: a boolean, 0 or 1, a usual word for either in any case, or what `words` names. Undefined for
 * anything else.
 */
export function readLabel(value: Json | undefined, words: LabelWords = {}): boolean | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = String(value).trim().toLowerCase();
  const { positive, negative } = words;
  if (positive?.some((word) => word.toLowerCase() === text)) return true;
  if (negative?.some((word) => word.toLowerCase() === text)) return false;
  if (positive !== undefined && negative === undefined) return text === '' ? undefined : false;
  if (negative !== undefined && positive === undefined) return text === '' ? undefined : true;
  if (positive !== undefined) return undefined;
  return yes.has(text) ? true : no.has(text) ? false : undefined;
}

/** Rows to leave out: those whose field has this value; an empty value also means a field that is not there. */
export interface Drop {
  readonly field: string;
  readonly value: string;
}

/** Reads `FIELD=VALUE`. Throws InputError. */
export function readDrop(text: string): Drop {
  const at = text.indexOf('=');
  if (at < 1) throw new InputError(`--drop expects FIELD=VALUE, not '${text.slice(0, 80)}'`);
  return { field: text.slice(0, at), value: text.slice(at + 1) };
}
