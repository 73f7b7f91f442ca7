import { z } from 'zod';
import {
  type Demonstration,
  InputError,
  parseOptions,
  stream,
  type Task,
  type TaskSource,
} from '../../core/index.ts';
import { type Expression, evaluateExpression, randomExpression, writeExpression } from './expression.ts';

const schema = z.object({
  /** How many numbers each problem has. */
  numbers: z.number().int().min(2).max(6).default(3),
  /** They lie in 1 to this. */
  largest: z.number().int().min(2).max(100).default(15),
  operators: z
    .array(z.enum(['+', '-', '*', '/']))
    .min(1)
    .default(['+', '-']),
  /** Targets lie in lowest to highest. */
  lowestTarget: z.number().int().min(0).default(1),
  highestTarget: z.number().int().max(1000).default(40),
  /** How many of the numbers a drawn solution uses: all, or two to all. */
  use: z.enum(['all', 'some']).default('all'),
  /** How demonstrations write a sum: always alike, or in the order in which it was drawn, so that all orders are seen. */
  demonstrated: z.enum(['sorted', 'given']).default('given'),
  /** How the prompt lists them. */
  order: z.enum(['descending', 'shuffled']).default('descending'),
  /** The share of multisets of numbers that only held-out problems use. */
  heldOut: z.number().gt(0).lt(1).default(0.3),
  /** Training problems, held-out problems, demonstrations (drawn from the training problems). */
  train: z.number().int().min(1).default(1500),
  evaluate: z.number().int().min(1).default(600),
  demonstrations: z.number().int().min(0).default(400),
  seed: z.number().int().default(0),
});

export type CountdownTasksOptions = z.input<typeof schema>;

/** `12,7,3=22:` – the numbers, then the target. */
export function countdownPrompt(numbers: readonly number[], target: number): string {
  return `${numbers.join(',')}=${target}:`;
}

/**
 * Countdown: reach the target with each number at most once. A problem is a random expression over its numbers whose
 * value is a whole number in the range, so each can be solved. The multisets of numbers are split first, and held-out
 * problems are then drawn exactly as training problems are; no two problems are the same.
 */
export function countdownTasks(options: CountdownTasksOptions = {}): TaskSource {
  const parsed = parseOptions(schema, options, "tasks 'countdown'");
  if (parsed.lowestTarget > parsed.highestTarget)
    throw new InputError("tasks 'countdown': lowestTarget is above highestTarget");
  return { name: 'countdown', version: '1', options: parsed, load: async () => generate(parsed) };
}

type Options = z.output<typeof schema>;

function generate(options: Options) {
  const random = stream(options.seed, 'countdown');
  const multisets = random.fork('split').shuffle(allMultisets(options.numbers, options.largest));
  const cut = Math.max(1, Math.round(multisets.length * options.heldOut));
  const problems = {
    train: draw(options, multisets.slice(cut), options.train, 'train'),
    evaluate: [] as Problem[],
  };
  problems.evaluate = draw(options, multisets.slice(0, cut), options.evaluate, 'evaluate');
  const shown = random
    .fork('demonstrations')
    .shuffle([...problems.train])
    .slice(0, options.demonstrations);
  return {
    train: problems.train.map(asTask),
    evaluate: problems.evaluate.map(asTask),
    demonstrations: shown.map(
      ({ numbers, target, solution }): Demonstration => ({
        prompt: countdownPrompt(numbers, target),
        completion: writeExpression(solution, options.demonstrated),
      }),
    ),
  };
}

interface Problem {
  readonly numbers: readonly number[];
  readonly target: number;
  readonly solution: Expression;
}

function asTask({ numbers, target }: Problem): Task {
  const prompt = countdownPrompt(numbers, target);
  return { id: prompt, prompt, answer: target, domain: 'countdown', data: { numbers: [...numbers], target } };
}

function draw(options: Options, multisets: readonly number[][], count: number, split: string): Problem[] {
  const random = stream(options.seed, 'countdown', split);
  const found = new Map<string, Problem>();
  // A draw can fail (out of range) or repeat; a space too small for the count ends the search.
  for (let tries = 0; found.size < count && tries < 200 * count + 10_000; tries++) {
    const multiset = random.pick(multisets).toSorted((a, b) => b - a);
    const numbers = options.order === 'shuffled' ? random.shuffle(multiset) : multiset;
    const used = options.use === 'all' ? numbers.length : 2 + random.integer(numbers.length - 1);
    const chosen = random.shuffle([...numbers]).slice(0, used);
    const solution = randomExpression(chosen, options.operators, random);
    const value = evaluateExpression(solution);
    if (value?.[1] !== 1) continue;
    const target = value[0];
    if (target < options.lowestTarget || target > options.highestTarget) continue;
    const key = countdownPrompt(numbers, target);
    if (!found.has(key)) found.set(key, { numbers, target, solution });
  }
  if (found.size < count)
    throw new InputError(
      `tasks 'countdown': only ${found.size} different ${split} problems exist under these options, ${count} asked`,
    );
  return [...found.values()];
}

function allMultisets(count: number, largest: number): number[][] {
  if (count === 0) return [[]];
  const out: number[][] = [];
  for (const rest of allMultisets(count - 1, largest))
    for (let n = rest[rest.length - 1] ?? 1; n <= largest; n++) out.push([...rest, n]);
  return out;
}
