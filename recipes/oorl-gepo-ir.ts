import {
  callReward,
  type Demonstration,
  type Engine,
  type Objective,
  type Random,
  scoringContext,
  stream,
  textSample,
} from 'assay/core';
import { injectErrors } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { executionEquivalence } from 'assay/execute';
import { type Expectation, type StudyContext, study } from 'assay/train';
import {
  type Code,
  compile,
  type Expression,
  evaluate,
  print,
  read,
  type Source,
  symbols,
  variables,
  type Width,
  widths,
  written,
} from './oorl-gepo.mini-ir.ts';
import { faults, levels, optimise } from './oorl-gepo.mini-ir-passes.ts';
import {
  averaged,
  gepo,
  mean,
  pairs,
  prefer,
  preferenceGroup,
  ratios,
  type Setting,
  type Settings,
  warmed,
} from './oorl-gepo.preferring.ts';
import { ruleReward } from './oorl-gepo.rule-reward.ts';

/** A random input: 16 bits for every variable. */
export const draw = (random: Random) =>
  Object.fromEntries(variables.map((name) => [name, random.integer(2 ** 16)]));

const inputs = Array.from({ length: 20 }, (_, i) => draw(stream(0, 'tests', i)));

const run = (text: string, input: Record<string, number>) => {
  const code = read(text);
  return code && evaluate(code, input);
};

/** The paper's reward, on bare code. */
export const passes = ruleReward({
  run,
  tests: ({ answer }) => inputs.map((input) => ({ input, output: run(String(answer), input) })),
  fenced: false,
});

/** Compares code on 200 random inputs. */
export const compare = executionEquivalence<Code, Record<string, number>, number>({ run: evaluate, draw });

/** The code of a function at every optimisation level, the one that never wins last. */
export function forms(source: Source): Code[] {
  return Object.keys(levels).map((level) => optimise(compile(source), level));
}

/** Code with one mistake that 200 runs tell from it; undefined where none is found. */
export function mistaken(code: Code, random: Random): Code | undefined {
  const isWrong = (other: Code) => compare(other, code).value === 0;
  return injectErrors(code, { faults, isWrong }, random)?.value;
}

/** An expression of so many operations; literals are 1 to 4. */
function expression(size: number, random: Random): Expression {
  if (size === 0) return random.next() < 0.5 ? random.pick(variables) : String(1 + random.integer(4));
  const left = random.integer(size);
  return [random.pick([...'+-*']), expression(left, random), expression(size - 1 - left, random)];
}

function isConstant(code: Code): boolean {
  return inputs.every((values) => evaluate(code, values) === evaluate(code, inputs[0]!));
}

/** Different functions of so many operations, none of them constant, for which every level makes code of its own. */
export function sources(count: number, size: number, random: Random): Source[] {
  const all = new Map<string, Source>();
  for (let i = 0; all.size < count && i < 10_000 * count; i++) {
    const source: Source = {
      width: random.pick(Object.keys(widths)) as Width,
      body: expression(size, random),
    };
    const texts = new Set(forms(source).map(print));
    if (texts.size === Object.keys(levels).length && !isConstant(compile(source)))
      all.set(written(source), source);
  }
  return [...all.values()];
}

/** One token a symbol. */
const engine = embedded({
  layers: 2,
  width: 32,
  heads: 4,
  context: 32,
  tokenizer: { kind: 'vocabulary', entries: symbols },
});

/** Of the reference's demonstrations: the share of the unoptimised level and of each other; the rest are mistakes. */
const shares = { plain: 0.5, other: 0.05 };
const counts = { functions: 400, held: 120, operations: 3 };

/**
 * Functions with preferences: the code of all levels but the last wins against mutations. The last level never wins; it is made of what
 * the others do. Held-out functions have no preferences. The reference has seen all functions, mostly unoptimised.
 */
export function data() {
  const random = stream(0, 'functions');
  const all = sources(counts.functions, counts.operations, random);
  const compiled = all.map((source) => ({ prompt: written(source), forms: forms(source) }));
  const demonstration = ({ prompt, forms: of }: (typeof compiled)[number]): Demonstration => {
    const drawn = random.next();
    const level = drawn < shares.plain ? 0 : 1 + Math.floor((drawn - shares.plain) / shares.other);
    return { prompt, completion: print(of[level] ?? mistaken(random.pick(of), random)!) };
  };
  const demonstrations = Array.from({ length: 6 }, () => compiled.map(demonstration)).flat();
  const preferred = compiled.slice(counts.held);
  const held = compiled.slice(0, counts.held);
  const groups = preferred.map(({ prompt, forms: of }, i) => {
    const winners = of.slice(0, -1);
    const loser = () => print(mistaken(random.pick(winners), random)!);
    return preferenceGroup(prompt, winners.map(print), String(i), loser);
  });
  const neverWon = preferred.map(({ prompt, forms: of }) => ({ prompt, completion: print(of.at(-1)!) }));
  const setting: Setting = {
    engine,
    demonstrations: random.shuffle(demonstrations),
    groups,
    held: held.map(({ prompt, forms: of }) => ({ prompt, forms: of.map(print) })),
    further: async (policy, reference) => ({
      neverWon: mean((await ratios(policy, reference, neverWon)).map(({ ratio }) => ratio)),
      solved: await solved(policy, held),
      solvedBefore: await solved(reference, held),
    }),
  };
  return { sources: all, setting };
}

/** The share of functions whose greedy translation passes the unit tests. */
async function solved(policy: Engine, held: readonly { prompt: string; forms: readonly Code[] }[]) {
  const completions = await policy.sample(
    held.map(({ prompt }) => ({ context: prompt, seed: 0 })),
    { temperature: 0, maxTokens: 20 },
  );
  const samples = completions.map(({ text }, i) => {
    const { prompt, forms: of } = held[i]!;
    return textSample({ id: prompt, prompt, answer: print(of[0]!) }, text);
  });
  const verdicts = await callReward(passes, samples, scoringContext());
  return mean(verdicts.map(({ value }) => value!));
}

const made = data();

/**
 * Experiment 3: the study with another objective in the place of group preference, or shorter: for tests. Swept on seeds 0 and 1 for
 * all three losses: β 0.1 and 1 at learning rates 1e-4, 3e-4 and 1e-3; then, as both controls were best at the edge, β 0.3,
 * 1 and 3 at 3e-5 and 5e-5, and β 3 at 1e-4. `averaged` and `dpo` differ from `main` in the loss alone; the tuned arms have the
 * values that are best for them: of those with a mean margin of 1.5 or more, that with the highest `heldOut`, as `main` has.
 * `neverWon` is the last level's log-ratio on the functions that have preferences; `solved` (`solvedBefore`: the
 * reference's) the share of held-out functions whose greedy translation passes its tests.
 */
export function offline(
  method: (beta: number) => Objective = gepo,
  shorter: Partial<Settings> = {},
  setting: Setting = made.setting,
) {
  const arm = (objective: Objective, learningRate: number) => async (seed: number, context: StudyContext) => {
    const start = await warmed(setting, seed, shorter.warmStart ?? 600, context.signal);
    return prefer(setting, start, seed, objective, { learningRate, ...shorter }, context);
  };
  const controls = ['averaged', 'dpo', 'averagedTuned', 'dpoTuned'];
  return study({
    name: 'oorl-gepo-ir',
    summary:
      'the code of a function at several optimisation levels as a group of winners, its mutations as losers: the levels rise together',
    paper: 'oorl-gepo',
    arms: {
      main: arm(method(1), 1e-4),
      averaged: arm(averaged(1), 1e-4),
      dpo: arm(pairs(1), 1e-4),
      averagedTuned: arm(averaged(1), 3e-5),
      dpoTuned: arm(pairs(1), 5e-5),
    },
    metric: 'heldOut',
    expected: [
      // A level that never won gains most.
      ...controls.map((over): Expectation => ({ arm: 'main', over, direction: 'higher' })),
      // Only λ > 0 keeps the variance of the winners' log-ratios near 0: below 0.1.
      { arm: 'main', over: 0, direction: 'lower', by: -0.1, metric: 'spread' },
      ...controls.map(
        (arm): Expectation => ({ arm, over: 0, direction: 'higher', by: 0.1, metric: 'spread' }),
      ),
      // All put winners above losers.
      ...['main', ...controls].map(
        (arm): Expectation => ({ arm, over: 0, direction: 'higher', metric: 'margin' }),
      ),
    ],
  });
}

export default offline();
