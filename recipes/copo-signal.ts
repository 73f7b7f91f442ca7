import {
  type Engine,
  type Estimator,
  type Group,
  scoreBatch,
  scoringContext,
  stream,
  type Task,
} from 'assay/core';
import { entropyBlend } from 'assay/credit';
import { isInformative } from 'assay/curriculum';
import { tabular } from 'assay/engine';
import { clipped, combine } from 'assay/objective';
import { learn, learningSet, type Metrics, type Study, singleTurn, study } from 'assay/train';
import { exact } from 'assay/verify';

const letters = [...'abcdefgh'];
const samples = 6;
const steps = 30;

/** Ten questions that are answered right nine times in ten, and ten with a right answer in fifty and a favourite wrong one. */
const tasks = Array.from({ length: 20 }, (_, q): Task => {
  const answer = letters[q % letters.length]!;
  return { id: `q${q}`, prompt: `q${q}`, answer, domain: q % 2 === 0 ? 'easy' : 'hard' };
});

function startingLogits({ answer, domain }: Task): number[] {
  const right = letters.indexOf(String(answer));
  const favourite = (right + 1) % letters.length;
  const [p, q] = domain === 'easy' ? [0.9, 0.04] : [0.02, 0.9];
  const rest = (1 - p - q) / (letters.length - 2);
  return letters.map((_, a) => Math.log(a === right ? p : a === favourite ? q : rest));
}

const engineOf = () =>
  tabular({
    actions: letters,
    rows: Object.fromEntries(tasks.map((task) => [task.id, startingLogits(task)])),
  });

const objective = combine([
  [clipped({ term: 'local' }), 1],
  [clipped({ term: 'global' }), 1],
]);
const reward = exact();

async function sampleBatch(policy: Engine, seed: number, path: (string | number)[]): Promise<Group[]> {
  const groups = await singleTurn({ policy, tasks, samples, sampling: { maxTokens: 1 }, seed, path });
  await scoreBatch(reward, { groups }, scoringContext({ phase: 'train' }));
  return groups;
}

/** The exact distribution over answers of every hard question: its mean entropy in nats, and the chance of the right one. */
async function hardQuestions(policy: Engine): Promise<{ entropy: number; right: number }> {
  const hard = tasks.filter(({ domain }) => domain === 'hard');
  const sequences = hard.flatMap(({ prompt }) =>
    letters.map((letter) => ({ context: prompt, tokens: policy.encode(letter) })),
  );
  const { logprobs } = await policy.forward(sequences, { tape: false });
  let entropy = 0;
  let right = 0;
  hard.forEach(({ answer }, q) => {
    letters.forEach((letter, a) => {
      const logprob = logprobs[q * letters.length + a]!;
      entropy -= (Math.exp(logprob) * logprob) / hard.length;
      if (letter === answer) right += Math.exp(logprob) / hard.length;
    });
  });
  return { entropy, right };
}

/** How many of the hard groups have no sample with an advantage; dropped ones have none. */
function silentHardGroups(
  groups: readonly Group[],
  estimator: Estimator,
  keep: (group: Group) => boolean,
): number {
  const kept = groups.filter(keep);
  const { terms } = estimator.estimate({ groups: kept }, { step: 0, totalSteps: steps, stage: 'count' });
  const total = (i: number) =>
    Object.values(terms).reduce((sum, { values }) => sum + Math.abs(values[i]!), 0);
  let at = 0;
  let heard = 0;
  for (const { task, samples: own } of kept) {
    if (task.domain === 'hard' && own.some((_, i) => total(at + i) > 1e-9)) heard++;
    at += own.length;
  }
  return groups.filter(({ task }) => task.domain === 'hard').length - heard;
}

/** `counted`: batches without an update, in which groups are counted before the updates. */
function arm(estimator: Estimator, counted: number, keep: (group: Group) => boolean = () => true) {
  return async (seed: number): Promise<Metrics> => {
    const policy = await engineOf().create({ seed });
    let silent = 0;
    for (let batch = 0; batch < counted; batch++)
      silent += silentHardGroups(await sampleBatch(policy, seed, ['count', batch]), estimator, keep);
    const before = await hardQuestions(policy);
    for (let step = 0; step < steps; step++) {
      const groups = (await sampleBatch(policy, seed, ['train', step])).filter(keep);
      const context = { step, totalSteps: steps, stage: 'train' };
      await learn({
        engine: policy,
        set: learningSet(groups, estimator.estimate({ groups }, context)),
        objective,
        optimizer: { learningRate: 0.05 },
        epochs: 1,
        minibatches: 1,
        temperature: 1,
        references: {},
        context,
        random: stream(seed, 'learn', step),
      });
    }
    const after = await hardQuestions(policy);
    return {
      silent: silent / (counted * tasks.filter(({ domain }) => domain === 'hard').length),
      entropyRise: after.entropy - before.entropy,
      right: after.right,
    };
  };
}

/**
 * Experiment 1, on a table with exact probabilities: how many groups of hard questions give no gradient at all, and how far
 * the answers to them have spread after a few updates. `method` is COPO's estimator, an argument so that a test can put the
 * control there. The gate is that of the recipe `copo`; with the paper's ρ of 1.5 as many groups give a gradient, but the
 * answers spread no sooner than under GRPO, whose rare hits count in full.
 */
export function signalStudy(method: Estimator = entropyBlend({ gamma: 20, rho: 0.3 }), counted = 400): Study {
  const local = entropyBlend({ mode: 'local' });
  return study({
    name: 'copo-signal',
    summary: 'groups of one mind: which of them GRPO, dynamic sampling and COPO learn from',
    paper: 'copo',
    arms: {
      copo: arm(method, counted),
      grpo: arm(local, counted),
      dynamicSampling: arm(local, counted, (group) => isInformative(group)),
    },
    metric: 'silent',
    expected: [
      { arm: 'copo', over: 'grpo', direction: 'lower', by: 0.8 },
      { arm: 'grpo', over: 0, direction: 'higher', by: 0.85 },
      { arm: 'dynamicSampling', over: 0, direction: 'higher', by: 0.85 },
      { arm: 'copo', over: 'grpo', direction: 'higher', metric: 'entropyRise' },
      { arm: 'copo', over: 'grpo', direction: 'higher', metric: 'right' },
    ],
  });
}

export default signalStudy();
