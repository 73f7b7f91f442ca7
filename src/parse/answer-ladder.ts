import { boxed } from './boxed.ts';
import { type Found, lineEnd, trimmed } from './found.ts';
import { markedLine } from './marked-line.ts';
import { lastNumber } from './numbers.ts';

/**
 * The rungs of answer extraction, each a rule that finds the final answer of a solution or nothing.
 *
 * - `minerva`: between `final answer is $` and `$. I hope`.
 * - `boxed`: the last `\boxed{…}`, or `\boxed 5` up to a blank.
 * - `marked`: the last line that starts with `####` or `A:`.
 * - `answerIs`: after the last `he answer is` (The, the); `finalAnswerIs`: after the last `final answer is`.
 * - `chinese`: after the last `答案是`, up to a blank line.
 * - `lastNumber`: the last number, without its separators.
 */
export const answerRungs = [
  'minerva',
  'boxed',
  'marked',
  'answerIs',
  'finalAnswerIs',
  'chinese',
  'lastNumber',
] as const;
export type AnswerRung = (typeof answerRungs)[number];

export interface AnswerLadderOptions {
  /** In this order. Default: all but `marked`, which is the order of the Qwen-Math parser. */
  readonly rungs?: readonly AnswerRung[];
  /** The text ends before the first of these: base models run on. Default: the usual end-of-turn tokens. */
  readonly stop?: readonly string[];
}

export const endOfTurn = ['</s>', '<|im_end|>', '<|endoftext|>', '<|eot_id|>', '[END]'] as const;

/**
 * The final answer of a free-form solution by the first rung that finds one, with leading `:` and trailing `.` or `/`
 * dropped. Source: hkust-nlp/simpleRL-reason, qwen_math_eval_toolkit/parser.py (extraction; LaTeX is left as it is).
 */
export function answerLadder(
  text: string,
  options: AnswerLadderOptions = {},
): (Found & { rung: AnswerRung }) | undefined {
  const { rungs = defaultRungs, stop = endOfTurn } = options;
  const cut = cutAt(text, stop);
  for (const rung of rungs) {
    const found = climb[rung](cut);
    if (found !== undefined) return { ...tidy(cut, found), rung };
  }
  return undefined;
}

const defaultRungs: readonly AnswerRung[] = answerRungs.filter((rung) => rung !== 'marked');

/** The text before the first of some stop strings. */
export function cutAt(text: string, stop: readonly string[]): string {
  let end = text.length;
  for (const word of stop) {
    const at = text.indexOf(word);
    if (at >= 0 && at < end) end = at;
  }
  return end === text.length ? text : text.slice(0, end);
}

const climb: { readonly [rung in AnswerRung]: (text: string) => Found | undefined } = {
  minerva: (text) => {
    const opening = 'final answer is $';
    const at = text.indexOf(opening);
    if (at < 0) return undefined;
    const end = text.indexOf('$. I hope', at + opening.length);
    return end < 0 ? undefined : trimmed(text, at + opening.length, end);
  },
  boxed: (text) => boxed(text, { unbraced: true }),
  marked: (text) => markedLine(text, { markers: ['####', 'A:'] }),
  answerIs: (text) => afterLast(text, 'he answer is'),
  finalAnswerIs: (text) => afterLast(text, 'final answer is'),
  chinese: (text) => {
    const found = afterLast(text, '答案是');
    const blank = found && text.indexOf('\n\n', found.start);
    return found && blank !== undefined && blank >= 0 ? trimmed(text, found.start, blank) : found;
  },
  lastNumber: (text) => lastNumber(text),
};

/** To the end of the text: an answer may span lines. The reference cuts nothing here. */
function afterLast(text: string, words: string): Found | undefined {
  const at = text.lastIndexOf(words);
  return at < 0 ? undefined : trimmed(text, at + words.length, text.length);
}

/** Without a leading `:` and a trailing `.` or `/`; only the first line when the rest is prose. */
function tidy(text: string, found: Found): Found {
  let { start, end } = found;
  if (found.value.startsWith(':')) ({ start, end } = trimmed(text, start + 1, end));
  const line = lineEnd(text, start);
  if (line < end && !text.slice(start, line).includes('\\')) ({ start, end } = trimmed(text, start, line));
  while (end > start && (text[end - 1] === '.' || text[end - 1] === '/')) end--;
  return found.start === start && found.end === end ? found : { value: text.slice(start, end), start, end };
}
