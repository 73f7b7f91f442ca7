import {
  type Demonstration,
  finalText,
  lift,
  type Objective,
  type Random,
  stream,
  type Task,
  type TaskSource,
  verdict,
} from 'assay/core';
import { reinforcePlusPlus } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped, combine, groupPreference } from 'assay/objective';
import { type Arm, type RecipeOptions, recipe, type Update } from 'assay/train';

const variables = [...'wxyz'];
const operations = ['+', '-', '*'];
/** Exchanges the two topmost values. */
const swap = '~';

/** Two operations on three variables, the inner one on the left or on the right. */
export interface Program {
  readonly outer: string;
  readonly inner: string;
  readonly side: 'left' | 'right';
  readonly leaves: readonly [string, string, string];
}

/** The source language: operations before their operands, `-+xyz`. */
export function written({ outer, inner, side, leaves: [a, b, c] }: Program): string {
  return side === 'left' ? `${outer}${inner}${a}${b}${c}` : `${outer}${a}${inner}${b}${c}`;
}

/** A program of the target language, a stack machine, on some values; undefined where it does not compile. */
export function run(code: string, values: Readonly<Record<string, number>>): number | undefined {
  const stack: number[] = [];
  for (const token of code) {
    if (Object.hasOwn(values, token)) stack.push(values[token]!);
    else {
      const b = stack.pop();
      const a = stack.pop();
      if (a === undefined || b === undefined) return undefined;
      if (token === swap) stack.push(b, a);
      else if (token === '+') stack.push(a + b);
      else if (token === '-') stack.push(a - b);
      else if (token === '*') stack.push(a * b);
      else return undefined;
    }
  }
  return stack.length === 1 ? stack[0] : undefined;
}

/** Two operands and an operation, in every order that means the same. */
function orders(operation: string, a: string, b: string): string[] {
  return operation === '-' ? [`${a}${b}-`, `${b}${a}~-`] : [`${a}${b}${operation}`, `${b}${a}${operation}`];
}

/** Equivalent programs of the target language, the straightforward one first. */
export function translations({ outer, inner, side, leaves: [a, b, c] }: Program): string[] {
  return side === 'left'
    ? orders(inner, a, b).flatMap((first) => orders(outer, first, c))
    : orders(inner, b, c).flatMap((second) => orders(outer, a, second));
}

const tests = Array.from({ length: 200 }, (_, i) => {
  const random = stream(0, 'tests', i);
  return Object.fromEntries(variables.map((name) => [name, random.integer(19) - 9]));
});

/** Whether two programs of the target language agree on the first `n` of 200 random inputs. */
export function agree(code: string, other: string, n = tests.length): boolean {
  return tests.slice(0, n).every((values) => run(code, values) === run(other, values));
}

/** One token of a program changed, dropped, or exchanged with its neighbour. */
function mutated(code: string, random: Random): string {
  const at = random.integer(code.length);
  const token = code[at]!;
  if (random.next() < 0.3) return code.slice(0, at) + (code[at + 1] ?? '') + token + code.slice(at + 2);
  const from = variables.includes(token) ? variables : operations;
  const other = random.next() < 0.2 ? '' : random.pick(from);
  return code.slice(0, at) + other + code.slice(at + 1);
}

/** Winners equivalent by 200 runs, and as many mutated losers that are not. */
function preferences(program: Program, group: string, size: number, random: Random): Demonstration[] {
  const [plain, ...rest] = translations(program);
  const winners = [plain!, ...random.shuffle(rest).slice(0, size - 1)];
  const losers = new Set<string>();
  while (losers.size < winners.length) {
    const code = mutated(random.pick(winners), random);
    if (!agree(code, plain!)) losers.add(code);
  }
  const prompt = `${written(program)}:`;
  const of = (role: 'winner' | 'loser') => (completion: string) => ({ prompt, completion, role, group });
  return [...winners.map(of('winner')), ...[...losers].map(of('loser'))];
}

/** As who mistakes what is subtracted from what, mostly, would write it: it compiles, and is wrong. */
function mistaken({ outer, inner, side, leaves: [a, b, c] }: Program, random: Random): string {
  const write = (operation: string, first: string, second: string) =>
    operation === '-' && random.next() < 0.75 ? `${second}${first}-` : `${first}${second}${operation}`;
  return side === 'left' ? write(outer, write(inner, a, b), c) : write(outer, a, write(inner, b, c));
}

function make() {
  const random = stream(0, 'programs');
  const all: Program[] = [];
  for (const side of ['left', 'right'] as const)
    for (const outer of operations)
      for (const inner of operations)
        for (const a of variables)
          for (const b of variables)
            for (const c of variables)
              if (a !== b && b !== c && a !== c) all.push({ outer, inner, side, leaves: [a, b, c] });
  random.shuffle(all);
  const asTask = (program: Program): Task => ({
    id: written(program),
    prompt: `${written(program)}:`,
    answer: translations(program)[0]!,
  });
  const [held, rest] = [all.slice(0, 132), all.slice(132)];
  return {
    evaluate: held.map(asTask),
    train: rest.map(asTask),
    demonstrations: rest
      .slice(0, 150)
      .map((program) => ({ prompt: `${written(program)}:`, completion: mistaken(program, random) })),
    preferences: rest.flatMap((program, i) => preferences(program, String(i), 3, random)),
  };
}

const made = make();
const tasks: TaskSource = { name: 'stack-programs', version: '1', options: {}, load: async () => made };

/** 1 if it compiles and passes every test, else 0. A silent error compiles and fails. */
const passes = lift(function passes(sample) {
  const code = finalText(sample);
  const right = agree(code, String(sample.task.answer), 20);
  const compiles = run(code, tests[0]!) !== undefined;
  return verdict(right ? 1 : 0, right ? 'all tests pass' : compiles ? 'a test fails' : 'does not compile', {
    parts: { silent: { value: compiles && !right ? 1 : 0 } },
  });
});

const onPolicy: Update = {
  model: 'policy',
  from: 'rollouts',
  objective: clipped({ aggregate: 'sequence' }),
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
};
/**
 * The same rollouts, and at every step a batch of preferences: the off-policy part with the given loss and the paper's weight.
 * With weight 0 its optimiser step goes on with the momentum of the rollouts, so that all arms make as many steps.
 */
export const withPreferences = (objective: Objective, weight = 0.01) =>
  ({
    stages: [
      {
        name: 'oorl',
        batch: 8,
        demonstrations: made.preferences,
        references: { start: 'stage' },
        updates: [
          onPolicy,
          {
            model: 'policy',
            from: 'demonstrations',
            objective: combine([[objective, weight]]),
            optimizer: onPolicy.optimizer,
          } satisfies Update,
        ],
      },
    ],
  }) satisfies Arm;
/** The paper gives no β. */
export const beta = 1;
export const gepo = groupPreference({ to: 'start', beta });
/** Its control: DPO on the means of the groups. */
export const averaged = groupPreference({ to: 'start', beta, variance: 0 });

export const base = {
  paper: 'oorl-gepo',
  tasks,
  engine: embedded({
    layers: 2,
    width: 32,
    heads: 4,
    context: 16,
    tokenizer: { kind: 'vocabulary', entries: [...variables, ...operations, swap, ':'] },
  }),
  reward: passes,
  estimator: reinforcePlusPlus(),
  objective: onPolicy.objective,
  optimizer: onPolicy.optimizer,
  groups: 8,
  samples: 8,
  steps: 100,
  sampling: { maxTokens: 8, temperature: 1 },
  evaluation: { every: 0 },
  warmStart: { steps: 80, batch: 50, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
} satisfies Partial<RecipeOptions>;

export default recipe({
  ...base,
  name: 'oorl-gepo',
  summary:
    'group preference beside unit tests: equivalent programs rise together, not one at the cost of the others',
  ...withPreferences(gepo),
  arms: {
    averaged: withPreferences(averaged),
  },
  metric: 'last.winnerVariance',
  expected: [
    // Winners above losers: the loss of a policy that has no preference is ln 2.
    { arm: 'main', over: 0, direction: 'lower', by: -Math.LN2, metric: 'last.groupPreference' },
    { arm: 'main', over: 'averaged', direction: 'lower', metric: 'last.winnerVariance' },
  ],
});
