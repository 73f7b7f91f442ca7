import { z } from 'zod';
import { defineReward, type Json, noVerdict, type Verdict, verdict } from '../core/index.ts';
import {
  answerLadder,
  endOfTurn,
  type Found,
  isBlank,
  lastNumber,
  lineEnd,
  markedLine,
  quote,
  type StatedNumber,
  statedNumber,
  trimmed,
} from '../parse/index.ts';
import { candidateText } from './candidate.ts';
import { judgeNumber, referenceNumber } from './number.ts';

/**
 * Grade-school word problems: the final answer line of a solution against the reference.
 *
 * The convention, which the paper leaves open in places:
 * - The final answer stands on a line that starts with `####` or `A:` (also `Answer:`, `Final answer:`), emphasis around
 *   it allowed; the last such line counts, and within it the last marker. Without one the answer is wrong; `lax` then
 *   takes the last box, "answer is" or number.
 * - The number is read by `statedNumber`: currency, units, separators, a trailing full stop, emphasis and a chain of
 *   equations do not matter; `18 or 20`, `18-20`, `18, 20` leave the answer open, and that is wrong.
 * - What stands after the line is not read, but for a later "the answer is …" or a correction ("wait, …", "actually, …"),
 *   which replaces the answer or takes it back.
 * - A model that runs on into a next question (`Q:`, `Question:`) or over an end-of-turn token is read up to there.
 * - Percent is a unit: 50% is 50. 18.0 is 18. The comparison is exact.
 *
 * Source: Cobbe et al. 2021, openai/grade-school-math (the file's `is_correct`).
 */
export const gsm8k = defineReward({
  name: 'gsm8k',
  version: '1',
  summary: 'the number on the final answer line (#### or A:) equals the reference',
  source: 'openai/grade-school-math, grade_school_math/dataset.py',
  options: z.object({
    lax: z
      .boolean()
      .default(false)
      .describe("without a final answer line, the last \\boxed{}, 'answer is' or number counts"),
    tolerance: z.number().min(0).default(0).describe('allowed absolute difference'),
  }),
  examples: [
    { completion: '16 - 3 - 4 = 9\n9 * 2 = $18\nA: 18', answer: '9 * 2 = <<9*2=18>>18\n#### 18', value: 1 },
    { completion: 'She makes $1,200.\n#### $1,200.', answer: 1200, value: 1 },
    { completion: '**A:** 18 eggs', answer: '18', value: 1 },
    { completion: 'A: 18 or 20', answer: '18', value: 0 },
    { completion: 'She makes 18.', answer: '18', value: 0 },
    { completion: 'She makes 18.', answer: '18', options: { lax: true }, value: 1 },
    { completion: 'A: 18\nA: 20', answer: '18', value: 0 },
    { completion: 'A: 18', answer: 'no number here', value: null },
  ],
  create({ lax, tolerance }) {
    return (sample, context) => {
      const reference = gsm8kReference(sample.task.answer);
      if (reference === undefined)
        return noVerdict('reference', 'the reference answer has no number on its last line');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      return judge(text, reference, lax, { tolerance });
    };
  },
});

const markers = ['####', 'A:', 'Answer:', 'Final answer:', 'Final Answer:', 'answer:'];

function judge(text: string, reference: string, lax: boolean, tolerance: { tolerance: number }): Verdict {
  const line = markedLine(text, { markers });
  if (line === undefined) {
    if (!lax) return verdict(0, "no line starts with '####' or 'A:'");
    const found = answerLadder(text);
    if (found === undefined) return verdict(0, 'there is no number');
    return judgeNumber(statedNumber(text, found.start, found.end), reference, tolerance, found.value);
  }
  const answer = finalAnswer(text, line);
  return judgeNumber(answer.stated, reference, tolerance, answer.statement);
}

/** The statement that counts as the final answer, given the last marked line. */
function finalAnswer(text: string, last: Found): { stated: StatedNumber; statement: string } {
  let line = last;
  // A run-on text: the first answer line before the next question or the end of the turn is the one.
  const cut = runsOn(text);
  if (cut < last.start) {
    const earlier = markedLine(text.slice(0, cut), { markers });
    if (earlier !== undefined && earlier.value !== '') line = earlier;
  }
  const end = Math.max(
    line.end,
    line === last ? Math.min(text.length, cut < line.end ? text.length : cut) : cut,
  );
  const inner = lastMarker(text, line);
  const stated = statedNumber(text, inner.start, inner.end);
  const later = laterAnswer(text, inner.end, end, stated);
  return later ?? { stated, statement: inner.value };
}

/** Where the text runs on into another question or over the end of the turn, after some answer line; else its end. */
function runsOn(text: string): number {
  let cut = text.length;
  for (const token of endOfTurn) {
    const at = text.indexOf(token);
    if (at > 0 && at < cut) cut = at;
  }
  for (const start of ['\nQ:', '\nQuestion:']) {
    const at = text.indexOf(start);
    if (at >= 0 && at < cut && markedLine(text.slice(0, at), { markers }) !== undefined) cut = at;
  }
  return cut;
}

/** `A: 18 A: 20`: what follows the last marker inside the line. */
function lastMarker(text: string, line: Found): Found {
  let start = line.start;
  for (const marker of ['A:', '####']) {
    const at = text.lastIndexOf(marker, line.end - marker.length);
    if (at > start && (marker === '####' || isBlank(text.charCodeAt(at - 1)))) start = at + marker.length;
  }
  return start === line.start ? line : trimmed(text, start, line.end);
}

const statement = /\b[Aa]nswer\s{1,3}(?:is|should be|must be)\b[\s:]{0,3}|(?<=[\s.,])A:\s{0,3}/g;
const correction =
  /\b(?:wait|actually|correction|sorry|mistake|instead|i meant|alternatively|or maybe)\b|^\W{0,9}or\b/i;

/** What the text after the answer line says about the answer, if it says something. */
function laterAnswer(
  text: string,
  from: number,
  end: number,
  given: StatedNumber,
): { stated: StatedNumber; statement: string } | undefined {
  if (from >= end) return undefined;
  const rest = text.slice(from, end);
  let last: RegExpMatchArray | undefined;
  for (const match of rest.matchAll(statement)) last = match;
  if (last !== undefined) {
    const start = from + last.index! + last[0].length;
    const found = trimmed(text, start, Math.min(end, lineEnd(text, start)));
    const stated = statedNumber(text, found.start, found.end);
    if (stated.kind !== 'none') return { stated, statement: found.value };
  }
  if (!correction.test(rest)) return undefined;
  const number = lastNumber(text, from, end);
  if (number === undefined || (given.kind === 'number' && number.value === given.value)) return undefined;
  const numbers = [given.kind === 'number' ? given.value : '', number.value].filter((value) => value !== '');
  return { stated: { kind: 'open', numbers, start: from, end }, statement: quote(rest) };
}

/** The canonical number of a reference: a number, a bare text, or a whole solution with its final answer line. */
export function gsm8kReference(answer: Json | undefined): string | undefined {
  if (typeof answer !== 'string') return referenceNumber(answer);
  const line = markedLine(answer, { markers });
  return referenceNumber(line === undefined ? answer : line.value);
}
