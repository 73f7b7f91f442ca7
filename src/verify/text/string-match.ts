import { z } from 'zod';
import { defineReward, noVerdict, verdict } from '../../core/index.ts';
import { boxed, detach, quote } from '../../parse/index.ts';
import { candidateText } from '../candidate.ts';
import { referenceTexts } from '../exact.ts';

const modes = ['boxed', 'final_answer', 'last_line', 'full_response'] as const;
type Mode = (typeof modes)[number];

/**
 * A short answer as text: NeMo Gym's string_match. The answer is read by the row's `extraction_mode` (or the option) and
 * compared after small differences of writing are taken away. Differs from the original in what it leaves out: names of
 * states, units, and the 0.98 for a number that is 1 % off; the option `relative` accepts such a number in full.
 */
export const stringMatch = defineReward({
  name: 'stringMatch',
  version: '1',
  summary:
    'the extracted answer is the reference as text, up to case, quotes, LaTeX wrappers and number format',
  source: 'NVIDIA-NeMo/Gym resources_servers/string_match/app.py',
  options: z.object({
    mode: z
      .enum(modes)
      .default('final_answer')
      .describe("where the answer is; the row's extraction_mode goes first"),
    caseSensitive: z
      .boolean()
      .default(false)
      .describe("letter for letter; the row's case_sensitive goes first"),
    relative: z
      .number()
      .min(0)
      .default(0)
      .describe('allowed difference of numbers, as a share of the reference'),
  }),
  examples: [
    { completion: 'So it is \\boxed{\\text{Paris}}.', answer: 'paris', value: 1 },
    { completion: 'Final answer: 1,200.', answer: '1200.0', value: 1 },
    { completion: 'Answer: Rome', answer: 'Paris', value: 0 },
    { completion: 'first\nThe Sea', answer: 'the sea', data: { extraction_mode: 'last_line' }, value: 1 },
    { completion: 'Answer: 5', value: null },
  ],
  create: (options) => (sample, context) => {
    const references = referenceTexts(sample.task.answer);
    if (references === undefined) return noVerdict('reference', 'the task has no text as its answer');
    const { extraction_mode, case_sensitive } = sample.task.data ?? {};
    const mode = extraction_mode ?? options.mode;
    if (!modes.includes(mode as Mode))
      return noVerdict('reference', `the row's extraction_mode ${quote(String(mode))} is not known`);
    const { text, tooLong } = candidateText(sample, context);
    if (tooLong) return tooLong;
    const found = extract(text.trim(), mode as Mode);
    if (found === undefined) return verdict(0, 'there is no answer');
    const answer = detach(found.slice(0, 10_000));
    const exactly = typeof case_sensitive === 'boolean' ? case_sensitive : options.caseSensitive;
    const right = references.some((reference) =>
      exactly ? found.trim() === reference.trim() : matches(found, reference, options.relative),
    );
    return right
      ? verdict(1, 'it is the reference', { answer })
      : verdict(0, `${quote(found)} is not ${quote(references[0]!)}`, { answer });
  },
});

function extract(text: string, mode: Mode): string | undefined {
  switch (mode) {
    case 'boxed':
      return boxedText(text);
    case 'final_answer':
      return finalAnswer(text) ?? boxedText(text);
    case 'last_line':
      return text.slice(text.lastIndexOf('\n') + 1).trim() || undefined;
    case 'full_response':
      return text || undefined;
  }
}

function boxedText(text: string): string | undefined {
  const found = boxed(text);
  return found && unwrapped(found.value.trim());
}

/** Without `\text{…}` around the whole. */
function unwrapped(text: string): string {
  let rest = text;
  while (rest.startsWith('\\text{') && rest.endsWith('}')) rest = rest.slice(6, -1).trim();
  return rest;
}

/** What stands behind the last `answer:` on its line. */
function finalAnswer(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return undefined; // a letter whose lower case is longer: no offsets to trust
  for (
    let at = lower.lastIndexOf('answer');
    at >= 0;
    at = at === 0 ? -1 : lower.lastIndexOf('answer', at - 1)
  ) {
    const rest = text.slice(at + 6, at + 6 + 20_000);
    const mark = /^\s{0,100}[:：]\s{0,100}([^\n]+)/.exec(rest);
    if (mark) return mark[1]!.trim().replace(/\.{1,100}$/, '');
  }
  return undefined;
}

function matches(found: string, reference: string, relative: number): boolean {
  const [a, b] = [plain(found), plain(reference)];
  if (a === b) return true;
  const [m, n] = [asNumber(a), asNumber(b)];
  if (m !== undefined && n !== undefined)
    return m === n || Math.abs(m - n) <= relative * Math.max(Math.abs(n), 1e-9);
  return listed(withoutLatex(a)) === listed(withoutLatex(b));
}

function plain(text: string): string {
  let rest = text.normalize('NFKC').trim();
  const first = rest[0];
  if (rest.length >= 2 && (first === '"' || first === "'") && rest.endsWith(first)) rest = rest.slice(1, -1);
  rest = rest.toLowerCase();
  let end = rest.length;
  while (end > 1 && '.!?'.includes(rest[end - 1]!)) end--;
  return rest.slice(0, end);
}

function asNumber(text: string): number | undefined {
  const bare = text.replace(/\\?[%$]|[£€,\s]/g, '');
  return bare.length <= 400 && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(bare) ? Number(bare) : undefined;
}

const wrapper = /\\(?:text|textbf|textit|texttt|mathrm|mathbf|mathit|mathsf|emph|boxed)\b|\\[()[\]]|[${}]/g;

/** Without commands that only say how a text looks. */
function withoutLatex(text: string): string {
  return text.replace(wrapper, '');
}

/** With one way to write a list: 'a, b and c' is 'a b c'. */
function listed(text: string): string {
  return text
    .split(/[\s,;]+/)
    .filter((word) => word !== '' && word !== 'and' && word !== 'or')
    .join(' ');
}
