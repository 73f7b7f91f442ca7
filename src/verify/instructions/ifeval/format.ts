import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, exactly, nonEmpty, none, outcome } from '../outcome.ts';
import { isBlank, isDecimalPoint, isSpaceAt, strip, stripOf } from '../python.ts';

const answers = ['My answer is yes.', 'My answer is no.', 'My answer is maybe.'];

export const format: readonly Constraint[] = [
  constraint(
    'detectable_format:number_bullet_lists',
    z.object({ num_bullets: count }),
    (text, { num_bullets: asked }) =>
      exactly(bullets(text, '*') + bullets(text, '-'), asked, 'bullet points'),
  ),
  constraint('detectable_format:constrained_response', none, (text) => {
    const found = answers.find((answer) => text.includes(answer));
    return outcome(
      found !== undefined,
      found === undefined ? 'has none of the three answers' : `answers "${found}"`,
    );
  }),
  constraint(
    'detectable_format:number_highlighted_sections',
    z.object({ num_highlights: count }),
    (text, { num_highlights: bound }) => {
      const single = text.match(/\*[^\n*]*\*/g) ?? [];
      const double = text.match(/\*\*[^\n*]*\*\*/g) ?? [];
      const found =
        single.filter((section) => !isBlank(stripOf(section, '*'))).length +
        double.filter((section) => !isBlank(section.slice(2, -2))).length;
      return compared(found, 'at least', bound, 'highlighted sections');
    },
  ),
  constraint(
    'detectable_format:multiple_sections',
    z.object({ section_spliter: nonEmpty, num_sections: count }),
    (text, { section_spliter: splitter, num_sections: bound }) =>
      compared(sections(text, strip(splitter)), 'at least', bound, 'sections'),
  ),
  constraint('detectable_format:json_format', none, (text) => {
    const problem = jsonProblem(unfenced(text));
    return outcome(problem === undefined, problem ?? 'is JSON');
  }),
  constraint('detectable_format:title', none, (text) => {
    const found = text.split('\n').some(hasTitle);
    return outcome(found, found ? 'has a title in double angular brackets' : 'has no title in <<…>>');
  }),
];

/**
 * Lines that start with a mark, after white space that may span lines. A line with nothing but the asterisk takes the
 * next line with it, and two asterisks are no bullet.
 */
function bullets(text: string, mark: '*' | '-'): number {
  let found = 0;
  for (let line = 0; line < text.length; ) {
    let at = line;
    while (at < text.length && isSpaceAt(text, at)) at++;
    let end = at;
    if (text[at] === mark && (mark === '-' || (at + 1 < text.length && text[at + 1] !== '*'))) {
      found++;
      end = mark === '-' ? at + 1 : at + 2;
    }
    const next = text.indexOf('\n', end);
    if (next < 0) break;
    line = next + 1;
  }
  return found;
}

/** How often the splitter stands before a number. */
function sections(text: string, splitter: string): number {
  let found = 0;
  for (let at = text.indexOf(splitter); at >= 0; at = text.indexOf(splitter, at)) {
    let end = at + splitter.length;
    if (end < text.length && isSpaceAt(text, end)) end++;
    const digits = end;
    while (end < text.length && isDecimalPoint(text.codePointAt(end)!))
      end += text.codePointAt(end)! > 0xffff ? 2 : 1;
    if (end > digits) {
      found++;
      at = end;
    } else at++;
  }
  return found;
}

/** `<<` and a last `>>` on one line with something between that is more than brackets. */
function hasTitle(line: string): boolean {
  const open = line.indexOf('<<');
  const close = line.lastIndexOf('>>');
  if (open < 0 || close < open + 3) return false;
  return !isBlank(stripOf(stripOf(line.slice(open, close + 2), '<', 'left'), '>', 'right'));
}

function unfenced(text: string): string {
  let inner = strip(text);
  for (const fence of ['```json', '```Json', '```JSON', '```'])
    if (inner.startsWith(fence)) inner = inner.slice(fence.length);
  if (inner.endsWith('```')) inner = inner.slice(0, -3);
  return strip(inner);
}

/** Why a text is not JSON as Python reads it: like the standard, with NaN and infinities. */
function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    if (!/NaN|Infinity/.test(text)) return 'is not JSON';
  }
  const numbers = withPlainNumbers(text);
  try {
    JSON.parse(numbers);
    return undefined;
  } catch {
    return 'is not JSON';
  }
}

/** NaN, Infinity and -Infinity outside of strings as 0: to Python they are numbers. */
function withPlainNumbers(text: string): string {
  const out: string[] = [];
  let from = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (inString) {
      if (unit === '\\') at++;
      else if (unit === '"') inString = false;
    } else if (unit === '"') inString = true;
    else if (unit === 'N' || unit === 'I' || unit === '-') {
      const word = ['NaN', 'Infinity', '-Infinity'].find((name) => text.startsWith(name, at));
      if (word === undefined) continue;
      out.push(text.slice(from, at), '0');
      at += word.length - 1;
      from = at + 1;
    }
  }
  return out.join('') + text.slice(from);
}
