import { z } from 'zod';
import { defineReward, type Json, noVerdict, type Task, verdict } from '../core/index.ts';
import { detach, gcd, quote } from '../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from './answer-source.ts';
import { candidateText } from './candidate.ts';

/**
 * Countdown: an expression over the given numbers, each used at most once, that makes the target. `task.data` holds
 * `{ numbers, target }` (a missing target is the task's answer). The expression is a small grammar: whole numbers, the
 * allowed operators, brackets; no sign of its own before a number. Its value is an exact fraction. A tail `= 24` is
 * allowed and must then say the target.
 */
export const countdown = defineReward({
  name: 'countdown',
  version: '1',
  summary: 'an expression over the given numbers makes the target',
  source: 'the numbers game of Countdown; exact rational evaluation',
  options: z.object({
    ...answerSource('whole'),
    operators: z
      .string()
      .regex(/^[-+*/]{1,4}$/, 'expected some of + - * /')
      .default('+-*/')
      .describe('which operators may be used'),
    useAll: z.boolean().default(false).describe('each number must be used exactly once'),
  }),
  examples: [
    { completion: '(12-3)*2', data: { numbers: [2, 3, 12], target: 18 }, value: 1 },
    { completion: '6 × 3 = 18', data: { numbers: [3, 6, 7], target: 18 }, value: 1 },
    { completion: '6*3', data: { numbers: [3, 6, 7], target: 18 }, options: { useAll: true }, value: 0 },
    { completion: '6*3', data: { numbers: [3, 6], target: 18 }, options: { operators: '+-' }, value: 0 },
    { completion: '9+9', data: { numbers: [9, 5], target: 18 }, value: 0 },
    {
      completion: '<answer>4/(1-3/4)</answer>',
      data: { numbers: [1, 3, 4, 4], target: 16 },
      options: { from: 'tag' },
      value: 1,
    },
    { completion: '1+2', data: { numbers: [1, 2] }, value: null },
  ],
  create(options) {
    const allowed = new Set(options.operators);
    return (sample, context) => {
      const problem = readProblem(sample.task);
      if (problem === undefined)
        return noVerdict(
          'reference',
          'the task has no data { numbers: whole numbers, target: whole number }',
        );
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined || found.value === '') return verdict(0, nothingAt(options));
      const said = check(found.value, problem, allowed, options.useAll);
      const details = {
        at: { start: found.start, end: found.end },
        ...(said.value === undefined ? {} : { answer: said.value }),
      };
      return verdict(said.problem === undefined ? 1 : 0, said.problem ?? `makes ${problem.target}`, details);
    };
  },
});

interface Problem {
  readonly numbers: readonly number[];
  readonly target: number;
}

const maxNumbers = 100;
const maxExpression = 2000;
const maxDepth = 50;

function readProblem({ data, answer }: Task): Problem | undefined {
  const numbers = data?.numbers;
  const target = wholeNumber(data?.target ?? answer);
  if (!Array.isArray(numbers) || numbers.length === 0 || numbers.length > maxNumbers || target === undefined)
    return undefined;
  const read = (numbers as readonly Json[]).map(wholeNumber);
  return read.every((n) => n !== undefined && n >= 0) ? { numbers: read as number[], target } : undefined;
}

function wholeNumber(from: Json | undefined): number | undefined {
  const value = typeof from === 'string' && /^\s*-?\d{1,15}\s*$/.test(from) ? Number(from) : from;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** What is wrong with an expression, or nothing; its value in lowest terms once it has one. */
function check(
  text: string,
  { numbers, target }: Problem,
  allowed: ReadonlySet<string>,
  useAll: boolean,
): { problem?: string; value?: string } {
  if (text.length > maxExpression) return { problem: `the expression has over ${maxExpression} characters` };
  const [expression, tail, ...more] = text.split('=') as [string, ...string[]];
  if (more.length > 0) return { problem: 'there is more than one =' };
  const tokens = tokenize(expression);
  if (typeof tokens === 'string') return { problem: tokens };
  const misused = misuse(tokens, numbers, allowed, useAll);
  if (misused !== undefined) return { problem: misused };
  // The numbers are now known to be few and small, so no intermediate value can grow large.
  const result = evaluate(tokens);
  if (typeof result === 'string') return { problem: result };
  const value = result.d === 1n ? String(result.n) : `${result.n}/${result.d}`;
  if (tail !== undefined && wholeNumber(tail) !== target)
    return { problem: `says it makes ${quote(tail.trim(), 20)}, the target is ${target}`, value };
  if (value !== String(target)) return { problem: `makes ${value}, not ${target}`, value };
  return { value };
}

type Token = number | '+' | '-' | '*' | '/' | '(' | ')';

const operatorSigns: { readonly [sign: string]: Token } = {
  '+': '+',
  '-': '-',
  '−': '-',
  '–': '-',
  '*': '*',
  '×': '*',
  '·': '*',
  '⋅': '*',
  '/': '/',
  '÷': '/',
  '(': '(',
  ')': ')',
};

/** The tokens of an expression, or what does not belong there. */
function tokenize(text: string): Token[] | string {
  const tokens: Token[] = [];
  const pattern = /\s+|(\d{1,15})(?!\d)|([-−–+*×·⋅/÷()])/uy;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return `${quote(text.slice(at, at + 20))} does not belong in an expression`;
    if (match[1] !== undefined) tokens.push(Number(match[1]));
    else if (match[2] !== undefined) tokens.push(operatorSigns[match[2]]!);
  }
  return tokens;
}

function misuse(
  tokens: readonly Token[],
  numbers: readonly number[],
  allowed: ReadonlySet<string>,
  useAll: boolean,
): string | undefined {
  const left = [...numbers];
  for (const token of tokens) {
    if (typeof token === 'number') {
      const at = left.indexOf(token);
      if (at < 0)
        return numbers.includes(token) ? `uses ${token} too often` : `uses ${token}, which is not given`;
      left.splice(at, 1);
    } else if (token !== '(' && token !== ')' && !allowed.has(token))
      return `uses ${token}, which is not allowed`;
  }
  if (left.length === numbers.length) return 'uses no number';
  return useAll && left.length > 0 ? `does not use ${detach(left.slice(0, 8).join(', '))}` : undefined;
}

interface Fraction {
  readonly n: bigint;
  /** Positive. */
  readonly d: bigint;
}

/** The exact value of an expression, or why it has none. Sums of products of numbers and brackets. */
function evaluate(tokens: readonly Token[]): Fraction | string {
  let at = 0;
  let wrong = '';
  const fail = (why: string): Fraction => {
    wrong ||= why;
    at = tokens.length; // nothing more is read
    return { n: 0n, d: 1n };
  };
  const atom = (depth: number): Fraction => {
    const token = tokens[at++];
    if (typeof token === 'number') return { n: BigInt(token), d: 1n };
    if (token !== '(')
      return fail(token === undefined ? 'the expression breaks off' : `a number is missing before ${token}`);
    if (depth >= maxDepth) return fail(`brackets over ${maxDepth} deep`);
    const inner = sum(depth + 1);
    return tokens[at++] === ')' ? inner : fail('a bracket is not closed');
  };
  const product = (depth: number): Fraction => {
    let value = atom(depth);
    for (let token = tokens[at]; token === '*' || token === '/'; token = tokens[at]) {
      at++;
      const right = atom(depth);
      if (token === '/' && right.n === 0n) return fail('divides by zero');
      value =
        token === '*'
          ? fraction(value.n * right.n, value.d * right.d)
          : fraction(value.n * right.d, value.d * right.n);
    }
    return value;
  };
  const sum = (depth: number): Fraction => {
    let value = product(depth);
    for (let token = tokens[at]; token === '+' || token === '-'; token = tokens[at]) {
      at++;
      const right = product(depth);
      const scaled = right.n * value.d;
      value = fraction(value.n * right.d + (token === '+' ? scaled : -scaled), value.d * right.d);
    }
    return value;
  };
  const value = sum(0);
  if (wrong === '' && at < tokens.length) wrong = `an operator is missing before ${tokens[at]}`;
  return wrong === '' ? value : wrong;
}

function fraction(n: bigint, d: bigint): Fraction {
  if (d < 0n) [n, d] = [-n, -d];
  if (d === 1n) return { n, d };
  const common = gcd(n < 0n ? -n : n, d);
  return { n: n / common, d: d / common };
}
