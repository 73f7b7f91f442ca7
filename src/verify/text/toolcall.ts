import { z } from 'zod';
import { defineReward, type Json, noVerdict, verdict } from '../../core/index.ts';
import {
  asCall,
  type Normalization,
  normalizations,
  type ToolCall,
  textNormalize,
  toolCalls,
  toolDialects,
} from '../../parse/index.ts';
import { candidateText } from '../candidate.ts';
import { round } from './similarity.ts';
import { setOverlap } from './token-overlap.ts';

type Call = Pick<ToolCall, 'name' | 'arguments'>;

/** Calls on either side beyond this are not matched one by one. */
const mostCalls = 64;

/**
 * Do the tool calls of the completion equal the reference's? Arguments are compared as JSON: objects without order, lists
 * in order, numbers by value. The reference is `{ name, arguments }`, a list of them, or OpenAI's `tool_calls`.
 */
export const toolcall = defineReward({
  name: 'toolcall',
  version: '1',
  summary: 'the tool calls have the reference’s names and arguments',
  source: 'craft-gui (tool call), router-r1, reseek, cuaharm (dialects); NeMo Gym and BFCL style comparison',
  options: z.object({
    dialect: z.enum(toolDialects).default('element').describe('how a call is written'),
    credit: z
      .enum(['all', 'graded'])
      .default('all')
      .describe(
        '1 only when all calls are right; or the mean over calls of name, argument names (F1) and values',
      ),
    extra: z.boolean().default(false).describe('arguments that the reference lacks are allowed'),
    ordered: z.boolean().default(false).describe('several calls must come in the reference’s order'),
    normalize: z.enum(normalizations).default('none').describe('canonical form of texts in arguments'),
    coerce: z.boolean().default(false).describe('"3" and 3, "true" and true are the same'),
  }),
  examples: [
    {
      completion: '<tool_call>{"name": "open", "arguments": {"app": "mail", "n": 1}}</tool_call>',
      answer: { name: 'open', arguments: { n: 1, app: 'mail' } },
      value: 1,
    },
    {
      completion: '{"name": "open", "arguments": {"app": "maps"}}',
      answer: { name: 'open', arguments: { app: 'mail' } },
      options: { dialect: 'json', credit: 'graded' },
      value: 2 / 3,
    },
    { completion: 'I would open it.', answer: { name: 'open', arguments: {} }, value: 0 },
    { completion: 'DONE', answer: { name: 'DONE' }, options: { dialect: 'command' }, value: 1 },
  ],
  create(options) {
    const { dialect, credit, extra, ordered, normalize, coerce } = options;
    const form = (value: unknown) => canonical(value, normalize, coerce, 0);
    const right = (ours: Call, theirs: Call) => grade(ours, theirs, extra, form) === 1;
    return (sample, context) => {
      const wanted = referenceCalls(sample.task.answer);
      if (wanted === undefined) return noVerdict('reference', 'the task has no tool call as its answer');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = toolCalls(text, dialect);
      if (found.problem !== undefined) return verdict(wanted.length === 0 ? 1 : 0, found.problem);
      const { calls } = found;
      const at = calls[0] && { start: calls[0].start, end: calls[calls.length - 1]!.end };
      const said = `${calls.length} calls, ${wanted.length} expected`;
      if (calls.length > mostCalls) return verdict(0, `${said}: too many`, { at });
      if (credit === 'all') {
        const all =
          calls.length === wanted.length &&
          (ordered ? calls.every((call, i) => right(call, wanted[i]!)) : pairedOff(calls, wanted, right));
        return verdict(all ? 1 : 0, `${said}${all ? ', all right' : ', not all right'}`, { at });
      }
      const grades = wanted.map((call, i) =>
        ordered
          ? calls[i]
            ? grade(calls[i], call, extra, form)
            : 0
          : Math.max(0, ...calls.map((ours) => grade(ours, call, extra, form))),
      );
      const total = Math.max(calls.length, wanted.length);
      const value = total === 0 ? 1 : grades.reduce((sum, one) => sum + one, 0) / total;
      return verdict(value, `${said}, graded ${round(value)}`, { at });
    };
  },
});

function referenceCalls(answer: Json | undefined): Call[] | undefined {
  if (answer === null || typeof answer !== 'object') return undefined;
  const inner = Array.isArray(answer) ? answer : ((answer as { tool_calls?: Json }).tool_calls ?? answer);
  const list = Array.isArray(inner) ? (inner as readonly Json[]) : [inner];
  const calls = list.map(asCall);
  return calls.length <= mostCalls && calls.every((call) => call !== undefined) ? calls : undefined;
}

/** Can each call be given a reference of its own? Augmenting paths; equality makes it a greedy walk but for `extra`. */
function pairedOff(
  calls: readonly Call[],
  wanted: readonly Call[],
  right: (ours: Call, theirs: Call) => boolean,
): boolean {
  const fits = calls.map((ours) => wanted.map((theirs) => right(ours, theirs)));
  const owner = new Array<number>(wanted.length).fill(-1);
  const place = (call: number, tried: Set<number>): boolean => {
    for (let w = 0; w < wanted.length; w++) {
      if (!fits[call]![w] || tried.has(w)) continue;
      tried.add(w);
      if (owner[w] === -1 || place(owner[w]!, tried)) {
        owner[w] = call;
        return true;
      }
    }
    return false;
  };
  return calls.every((_, call) => place(call, new Set()));
}

/** The mean of name equality, F1 of argument names, and the share of the reference's arguments with equal values. */
function grade(ours: Call, theirs: Call, extra: boolean, form: (value: unknown) => string): number {
  if (ours.name !== theirs.name) return 0;
  const given = new Set(Object.keys(ours.arguments));
  const wanted = Object.keys(theirs.arguments);
  const kept = extra ? new Set([...given].filter((name) => wanted.includes(name))) : given;
  const names = setOverlap(kept, new Set(wanted), 'f1');
  const equal = wanted.filter(
    (name) =>
      Object.hasOwn(ours.arguments, name) && form(ours.arguments[name]) === form(theirs.arguments[name]),
  ).length;
  const values = wanted.length === 0 ? (kept.size === 0 ? 1 : 0) : equal / wanted.length;
  return (1 + names + values) / 3;
}

/** JSON text with sorted keys; equal texts are equal values. Nesting was bounded when it was parsed. */
function canonical(value: unknown, normalize: Normalization, coerce: boolean, depth: number): string {
  if (depth > 100) return '…';
  if (typeof value === 'string') {
    const text = textNormalize(value, normalize);
    const number = coerce && text.trim() !== '' ? Number(text) : Number.NaN;
    if (Number.isFinite(number)) return String(number);
    return coerce && (text === 'true' || text === 'false') ? text : JSON.stringify(text);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = (one: unknown) => canonical(one, normalize, coerce, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner).join(',')}]`;
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${inner((value as Record<string, unknown>)[key])}`)
    .join(',')}}`;
}
