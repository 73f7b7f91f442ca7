import {
  type Demonstration,
  type Engine,
  type EngineState,
  linear,
  type Objective,
  type Random,
  scheduleAt,
  stream,
} from 'assay/core';
import { embedded } from 'assay/engine';
import { crossEntropy, dpo, groupPreference } from 'assay/objective';
import {
  demonstrationSet,
  demonstrationsOf,
  type LearningSet,
  learn,
  type Metrics,
  type StudyContext,
  study,
} from 'assay/train';

export const variables = [...'wxyz'];
export const operations = ['+', '-', '*'];
/** Exchanges the two topmost values. */
export const swap = '~';

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
export function mutated(code: string, random: Random): string {
  const at = random.integer(code.length);
  const token = code[at]!;
  if (random.next() < 0.3) return code.slice(0, at) + (code[at + 1] ?? '') + token + code.slice(at + 2);
  const from = variables.includes(token) ? variables : operations;
  const other = random.next() < 0.2 ? '' : random.pick(from);
  return code.slice(0, at) + other + code.slice(at + 1);
}

/** Preferences of one program: these winners, and as many mutations of them that 200 runs tell from them. */
export function preferences(
  program: Program,
  winners: readonly string[],
  group: string,
  random: Random,
): Demonstration[] {
  const losers = new Set<string>();
  while (losers.size < winners.length) {
    const code = mutated(random.pick(winners), random);
    if (!agree(code, winners[0]!)) losers.add(code);
  }
  const prompt = `${written(program)}:`;
  const of = (role: 'winner' | 'loser') => (completion: string) => ({ prompt, completion, role, group });
  return [...winners.map(of('winner')), ...[...losers].map(of('loser'))];
}

/** Every program, in a seeded order. */
export function programs(random: Random): Program[] {
  const all: Program[] = [];
  for (const side of ['left', 'right'] as const)
    for (const outer of operations)
      for (const inner of operations)
        for (const a of variables)
          for (const b of variables)
            for (const c of variables)
              if (a !== b && b !== c && a !== c) all.push({ outer, inner, side, leaves: [a, b, c] });
  return random.shuffle(all);
}

/** Both languages, one token a symbol. */
export const engine = embedded({
  layers: 2,
  width: 32,
  heads: 4,
  context: 16,
  tokenizer: { kind: 'vocabulary', entries: [...variables, ...operations, swap, ':'] },
});

/** Of the reference's demonstrations: the share of the straightforward form and of each other form; the rest are mistakes. */
const shares = { plain: 0.5, other: 0.05 };

/**
 * Seven in ten problems have preferences: their first three forms win against mutations. The fourth form, with the operands
 * of both operations exchanged, never wins; it is made of the same parts. Held-out problems have no preferences.
 */
function data() {
  const random = stream(0, 'preferences');
  const all = programs(random);
  const demonstration = (program: Program): Demonstration => {
    const forms = translations(program);
    const drawn = random.next();
    const form = drawn < shares.plain ? 0 : 1 + Math.floor((drawn - shares.plain) / shares.other);
    return { prompt: `${written(program)}:`, completion: forms[form] ?? mutated(random.pick(forms), random) };
  };
  const demonstrations = Array.from({ length: 6 }, () => all.map(demonstration)).flat();
  return {
    demonstrations: random.shuffle(demonstrations),
    groups: all
      .slice(132)
      .map((program, i) => preferences(program, translations(program).slice(0, 3), String(i), random)),
    held: all.slice(0, 132),
  };
}

const made = data();

/** The policy of a seed after its warm start: the reference, skewed towards the straightforward form. */
export async function warmed(seed: number, steps: number, signal: AbortSignal): Promise<EngineState> {
  const policy = await engine.create({ seed });
  for (let step = 0; step < steps; step++) {
    signal.throwIfAborted();
    const drawn = demonstrationsOf(made.demonstrations, 64, step, stream(seed, 'warm-start'));
    const rate = scheduleAt(linear({ from: 3e-3, to: 3e-4 }), step, steps);
    await update(policy, demonstrationSet(policy, drawn), crossEntropy(), rate, step, {});
  }
  const state = await policy.save();
  await policy.close();
  return state;
}

export interface Settings {
  readonly learningRate: number;
  readonly steps?: number;
  readonly warmStart?: number;
}

/** Trains the reference of a seed on preferences alone, and measures what became of it. */
export async function prefer(
  start: EngineState,
  seed: number,
  objective: Objective,
  { learningRate, steps = 100 }: Settings,
  { signal, progress }: StudyContext,
): Promise<Metrics> {
  const policy = await engine.create({ seed });
  await policy.load(start);
  const reference = await policy.snapshot();
  for (let step = 0; step < steps; step++) {
    signal.throwIfAborted();
    const drawn = demonstrationsOf(made.groups.flat(), 8, step, stream(seed, 'preferences'));
    const set = demonstrationSet(policy, drawn);
    await update(policy, set, objective, learningRate, step, { start: await logprobs(reference, set) });
    progress((step + 1) / steps);
  }
  const metrics = await measured(policy, reference);
  await policy.close();
  await reference.close();
  return metrics;
}

function update(
  policy: Engine,
  set: LearningSet,
  objective: Objective,
  learningRate: number,
  step: number,
  references: { readonly [name: string]: readonly Float64Array[] },
) {
  return learn({
    engine: policy,
    set,
    objective,
    optimizer: { learningRate, clipNorm: 1 },
    epochs: 1,
    minibatches: 1,
    temperature: 1,
    references,
    context: { step, totalSteps: step + 1, stage: '' },
    random: stream(0, 'learn'),
  });
}

async function logprobs(of: Engine, { sequences }: LearningSet): Promise<Float64Array[]> {
  const pass = await of.forward(sequences, { tape: false });
  return sequences.map((_, s) => pass.logprobs.slice(pass.starts[s]!, pass.starts[s + 1]!));
}

const total = (of: ArrayLike<number>): number => Array.from(of).reduce((sum, x) => sum + x, 0);
const mean = (of: readonly number[]): number => total(of) / of.length;

/** Log-probabilities of whole programs, and how much they rose above the reference's. */
async function ratios(policy: Engine, reference: Engine, programs: readonly Demonstration[]) {
  const set = demonstrationSet(policy, programs);
  const [now, then] = [await logprobs(policy, set), await logprobs(reference, set)];
  return programs.map(({ role, group }, i) => {
    const logprob = total(now[i]!);
    return { role, group, logprob, ratio: logprob - total(then[i]!) };
  });
}

/**
 * Of the preferences: `margin`, by how much the winners' mean log-ratio is above the losers', and `spread`, the variance of
 * the winners'. Of held-out problems: `heldOut`, the mean log-ratio of the form that never won, `form0` to `form2`
 * those of the others, and `mass`, the probability of all forms together (`massBefore`: the reference's).
 */
async function measured(policy: Engine, reference: Engine): Promise<Metrics> {
  const trained = await ratios(policy, reference, made.groups.flat());
  const groups = [...Map.groupBy(trained, ({ group }) => group).values()].map((group) => {
    const of = (side: string) => group.filter(({ role }) => role === side).map(({ ratio }) => ratio);
    const [winners, losers] = [of('winner'), of('loser')];
    const won = mean(winners);
    return { won, lost: mean(losers), spread: mean(winners.map((ratio) => (ratio - won) ** 2)) };
  });
  const forms = await Promise.all(
    [0, 1, 2, 3].map((form) =>
      ratios(
        policy,
        reference,
        made.held.map((one) => ({ prompt: `${written(one)}:`, completion: translations(one)[form]! })),
      ),
    ),
  );
  const mass = (of: (one: { logprob: number; ratio: number }) => number) =>
    total(forms.map((each) => mean(each.map((one) => Math.exp(of(one))))));
  const [form0, form1, form2, heldOut] = forms.map((each) => mean(each.map(({ ratio }) => ratio)));
  return {
    winners: mean(groups.map(({ won }) => won)),
    losers: mean(groups.map(({ lost }) => lost)),
    margin: mean(groups.map(({ won, lost }) => won - lost)),
    spread: mean(groups.map(({ spread }) => spread)),
    heldOut: heldOut!,
    form0: form0!,
    form1: form1!,
    form2: form2!,
    mass: mass(({ logprob }) => logprob),
    massBefore: mass(({ logprob, ratio }) => logprob - ratio),
  };
}

/** Group preference with λ = 1. The paper gives no β. */
export const gepo = (beta: number) => groupPreference({ to: 'start', beta });
/** λ = 0: DPO on the means of the groups. */
export const averaged = (beta: number) => groupPreference({ to: 'start', beta, variance: 0 });
const pairs = (beta: number) => dpo({ to: 'start', beta });

/**
 * The study with another objective in the place of group preference, or shorter: for tests. Swept on seeds 0 and 1 for all three
 * losses: β 0.1 and 1, learning rates 1e-4, 3e-4 and 1e-3. `averaged` and `dpo` differ from `main` in the loss alone; the
 * tuned arms have the values that are best for them: of those with a margin of 1.5 or more, that with the highest `heldOut`
 * (for `main`, β 0.1 and 3e-4; for both others, β 1 and 1e-4).
 */
export function offline(method: (beta: number) => Objective = gepo, shorter: Partial<Settings> = {}) {
  const arm = (objective: Objective, learningRate: number) => async (seed: number, context: StudyContext) => {
    const start = await warmed(seed, shorter.warmStart ?? 300, context.signal);
    return prefer(start, seed, objective, { learningRate, ...shorter }, context);
  };
  return study({
    name: 'oorl-gepo',
    summary:
      'equivalent programs as a group of winners: they rise together, and an equivalent form that never won is not lost',
    paper: 'oorl-gepo',
    arms: {
      main: arm(method(0.1), 3e-4),
      averaged: arm(averaged(0.1), 3e-4),
      dpo: arm(pairs(0.1), 3e-4),
      averagedTuned: arm(averaged(1), 1e-4),
      dpoTuned: arm(pairs(1), 1e-4),
    },
    metric: 'heldOut',
    expected: [
      { arm: 'main', over: 'averaged', direction: 'higher' },
      { arm: 'main', over: 'dpo', direction: 'higher' },
      { arm: 'averagedTuned', over: 'main', direction: 'notHigher', by: 0.1 },
      { arm: 'dpoTuned', over: 'main', direction: 'notHigher', by: 0.1 },
      { arm: 'main', over: 'averaged', direction: 'lower', metric: 'spread' },
      { arm: 'main', over: 'dpo', direction: 'lower', metric: 'spread' },
      { arm: 'main', over: 0, direction: 'higher', metric: 'margin' },
      { arm: 'averaged', over: 0, direction: 'higher', metric: 'margin' },
      { arm: 'dpo', over: 0, direction: 'higher', metric: 'margin' },
    ],
  });
}

export default offline();
