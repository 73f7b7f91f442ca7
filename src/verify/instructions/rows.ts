import type { Task } from '../../core/task.ts';
import type { Instruction } from './evaluate.ts';

/** What a row asks for. */
export interface InstructionRow {
  readonly instructions: readonly Instruction[];
  /** One number an instruction, for the weighted value; the row's own. */
  readonly weights?: readonly number[];
}

/** Longest list that is read; the public rows have at most eight. */
const mostInstructions = 256;
const longestText = 1_000_000;

/**
 * The instructions of a row, read as the row has them:
 * - IFEval, IFBench and NeMo Gym: `instruction_id_list` with `kwargs` beside it (or `instruction_kwargs`), in the row
 *   itself, in its answer, or under `verifier_metadata` or `extra_info`;
 * - verl: the same inside `reward_model.ground_truth`, as JSON or as a string of JSON;
 * - TRL and open-instruct columns: `ground_truth` (a string of JSON or a value), one object or a list of objects with
 *   `instruction_id` (one id or several) and `kwargs`;
 * - plain lists of `{ id, ...parameters }` or `{ id, kwargs }`, or of ids, under `instructions` or `constraints`.
 *
 * Returns a sentence when the row has such a field but it cannot be read, undefined when it has none.
 */
export function readInstructions(task: Pick<Task, 'answer' | 'data'>): InstructionRow | string | undefined {
  return read(task.answer, 0) ?? read(task.data, 0);
}

type Fields = { readonly [name: string]: unknown };

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that may hold the whole again. */
const nested = [
  'ground_truth',
  'reward_model',
  'verifier_metadata',
  'extra_info',
  'metadata',
  'answer',
] as const;

function read(source: unknown, depth: number): InstructionRow | string | undefined {
  if (depth > 4) return undefined;
  if (typeof source === 'string') return readText(source, depth);
  if (Array.isArray(source)) return readList(source);
  if (!isFields(source)) return undefined;
  const row = readFields(source, depth);
  if (row === undefined || typeof row === 'string' || row.weights || !Array.isArray(source.weights))
    return row;
  const weights: unknown[] = source.weights;
  if (weights.length !== row.instructions.length || !weights.every((weight) => Number.isFinite(weight)))
    return `field 'weights' must have ${row.instructions.length} numbers`;
  return { ...row, weights: weights as number[] };
}

function readFields(fields: Fields, depth: number): InstructionRow | string | undefined {
  const ids = fields.instruction_id_list ?? fields.instruction_id;
  if (ids !== undefined && ids !== null)
    return readIds(ids, fields.kwargs ?? fields.instruction_kwargs, depth);
  for (const name of ['instructions', 'constraints'])
    if (Array.isArray(fields[name])) return readList(fields[name]);
  for (const name of nested) {
    const inner = read(fields[name], depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A string of JSON; one that does not start like a list or an object is no instruction. */
function readText(text: string, depth: number): InstructionRow | string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  if (text.length > longestText) return `has over ${longestText} characters of JSON`;
  try {
    return read(JSON.parse(text), depth + 1);
  } catch {
    return undefined;
  }
}

/** Ids and the parameters of each: lists, one id with its parameters, or strings of JSON of either. */
function readIds(ids: unknown, kwargs: unknown, depth: number): InstructionRow | string {
  const list = fromJson(ids);
  const names: unknown[] = Array.isArray(list) ? list : [list];
  const values = fromJson(kwargs);
  const parameters: unknown[] = Array.isArray(values) ? values : values === undefined ? [] : [values];
  if (depth > 4 || names.length > mostInstructions) return `has more than ${mostInstructions} instructions`;
  if (parameters.length > names.length)
    return `has ${parameters.length} sets of parameters for ${names.length} instructions`;
  const instructions: Instruction[] = [];
  for (const [i, id] of names.entries()) {
    const own = fromJson(parameters[i]);
    if (typeof id !== 'string') return `instruction ${i} has no id`;
    if (own !== undefined && own !== null && !isFields(own))
      return `the parameters of instruction ${i} are no object`;
    instructions.push({ id, parameters: own ?? {} });
  }
  return { instructions };
}

/** A list of ids, of { id, …parameters }, of { id, kwargs }, or of { instruction_id, kwargs } with several ids each. */
function readList(list: readonly unknown[]): InstructionRow | string | undefined {
  const instructions: Instruction[] = [];
  for (const [i, entry] of list.entries()) {
    if (typeof entry === 'string') {
      instructions.push({ id: entry, parameters: {} });
    } else if (isFields(entry) && typeof entry.id === 'string') {
      const { id, kwargs, parameters, ...own } = entry;
      const given = kwargs ?? parameters ?? own;
      if (!isFields(given)) return `the parameters of instruction ${i} are no object`;
      instructions.push({ id: entry.id, parameters: given });
    } else if (isFields(entry) && (entry.instruction_id ?? entry.instruction_id_list)) {
      const inner = readIds(entry.instruction_id ?? entry.instruction_id_list, entry.kwargs, 0);
      if (typeof inner === 'string') return inner;
      instructions.push(...inner.instructions);
    } else return undefined;
    if (instructions.length > mostInstructions) return `has more than ${mostInstructions} instructions`;
  }
  return { instructions };
}

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value) || value.length > longestText) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
