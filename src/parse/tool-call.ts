import { fencedBlocks } from './fences.ts';
import { jsonIn } from './json-in.ts';
import { tagBlock, tagSequence } from './tags.ts';

export const toolDialects = ['json', 'element', 'nameColonQuery', 'searchOrAnswer', 'command'] as const;
export type ToolDialect = (typeof toolDialects)[number];

/** One action of a turn. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: { readonly [name: string]: unknown };
  /** UTF-16 units into the text, end exclusive. */
  readonly start: number;
  readonly end: number;
}

export type ToolCalls =
  | { readonly calls: readonly ToolCall[]; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * The tool calls of a turn, or why there are none. Dialects:
 *
 * - `json`: `{"name", "arguments"}`, an OpenAI `function` call, or a list of them, alone, in a fence or in prose;
 * - `element`: the same inside `<tool_call>…</tool_call>`, one or several;
 * - `nameColonQuery`: `<search>Name: query</search>` (router-r1); the call is `{ query }` to that name;
 * - `searchOrAnswer`: `<search>…</search>` or `<answer>…</answer>`, whichever closes the turn;
 * - `command`: fenced blocks, each `{ command }` to `run`; a bare WAIT, DONE or FAIL, also as a block's last line (cuaharm).
 */
export function toolCalls(text: string, dialect: ToolDialect): ToolCalls {
  switch (dialect) {
    case 'json': {
      const found = jsonIn(text);
      return found.problem === undefined
        ? read(found.value, found.start, found.end)
        : { problem: found.problem };
    }
    case 'element':
      return elements(text);
    case 'nameColonQuery': {
      const block = tagBlock(text, 'search', { which: 'last' });
      if (!block) return { problem: 'there is no <search> block' };
      const colon = block.value.indexOf(':');
      const name = block.value.slice(0, Math.max(0, colon)).trim();
      const query = block.value.slice(colon + 1).trim();
      if (name === '' || query === '') return { problem: 'the <search> block is not Name: query' };
      return { calls: [{ name, arguments: { query }, start: block.start, end: block.end }] };
    }
    case 'searchOrAnswer': {
      const { blocks } = tagSequence(text, ['search', 'answer']);
      const last = blocks[blocks.length - 1];
      if (!last) return { problem: 'there is neither a <search> nor an <answer> block' };
      const content = text.slice(last.contentStart, last.contentEnd).trim();
      return {
        calls: [{ name: last.name, arguments: { query: content }, start: last.start, end: last.end }],
      };
    }
    case 'command':
      return commands(text);
  }
}

const mostCalls = 1000;

function elements(text: string): ToolCalls {
  const calls: ToolCall[] = [];
  const open = '<tool_call>';
  const close = '</tool_call>';
  for (let at = text.indexOf(open); at >= 0 && calls.length < mostCalls; at = text.indexOf(open, at)) {
    const start = at + open.length;
    const end = text.indexOf(close, start);
    if (end < 0) return { problem: '<tool_call> is never closed' };
    const found = jsonIn(text.slice(start, end), { from: 'whole' });
    if (found.problem !== undefined) return { problem: `in <tool_call>: ${found.problem}` };
    const one = read(found.value, start, end);
    if (one.problem !== undefined) return one;
    calls.push(...one.calls);
    at = end;
  }
  return calls.length > 0 ? { calls } : { problem: 'there is no <tool_call> block' };
}

function read(value: unknown, start: number, end: number): ToolCalls {
  const list = Array.isArray(value)
    ? value
    : ((value as { tool_calls?: unknown } | null)?.tool_calls ?? value);
  const calls: ToolCall[] = [];
  for (const one of Array.isArray(list) ? list.slice(0, mostCalls) : [list]) {
    const call = asCall(one);
    if (call === undefined) return { problem: 'it is no call: { name, arguments }' };
    calls.push({ ...call, start, end });
  }
  return { calls };
}

/** A call as `{ name, arguments }`, with `parameters` or OpenAI's `function` and JSON text as arguments; else undefined. */
export function asCall(value: unknown): Pick<ToolCall, 'name' | 'arguments'> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as { readonly [key: string]: unknown };
  if (typeof fields.function === 'object' && fields.function !== null && fields.name === undefined)
    return asCall({ ...(fields.function as object), function: undefined });
  const { name } = fields;
  let given: unknown = fields.arguments ?? fields.parameters ?? {};
  if (typeof given === 'string') {
    const found = jsonIn(given, { from: 'whole' });
    if (found.problem !== undefined) return undefined;
    given = found.value;
  }
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  return { name, arguments: given as ToolCall['arguments'] };
}

const signals = new Set(['WAIT', 'DONE', 'FAIL']);

function commands(text: string): ToolCalls {
  const bare = text.trim();
  if (signals.has(bare)) return { calls: [{ name: bare, arguments: {}, start: 0, end: text.length }] };
  const calls: ToolCall[] = [];
  for (const { value, start, end } of fencedBlocks(text).slice(0, mostCalls)) {
    const lines = value.trimEnd().split('\n');
    const last = lines[lines.length - 1]!.trim();
    if (signals.has(last)) lines.pop();
    const command = lines.join('\n').trim();
    if (command !== '') calls.push({ name: 'run', arguments: { command }, start, end });
    if (signals.has(last)) calls.push({ name: last, arguments: {}, start, end });
  }
  return calls.length > 0 ? { calls } : { problem: 'there is no fenced block' };
}
