import { lift, stream, type Task, type TaskSource, verdict } from 'assay/core';
import { asIs, preferencePairs } from 'assay/credit';
import { tabular } from 'assay/engine';
import { bco, combine, crossEntropy, dpo, onlyRoles } from 'assay/objective';
import { type RecipeOptions, recipe } from 'assay/train';

const answers = [...'abc'];
/** A claim that nothing supports. */
const claim = 'u';
const prompts = 80;

/** Prompts with one right answer each; a completion is any number of claims and then an answer. */
export const claimTasks: TaskSource = {
  name: 'claims',
  version: '1',
  options: { prompts },
  load: async () => {
    const random = stream(0, 'claims');
    const tasks = Array.from(
      { length: prompts },
      (_, i): Task => ({ id: String(i), prompt: `${i}:`, answer: random.pick(answers) }),
    );
    return { train: tasks, evaluate: tasks, demonstrations: [] };
  },
};

/** How many claims a text makes before it ends; and whether its last word is the answer and the only one. */
export function readClaims(text: string, answer: unknown): { claims: number; right: boolean } {
  const claims = [...text].filter((letter) => letter === claim).length;
  return { claims, right: text.length === claims + 1 && text.endsWith(String(answer)) };
}

/**
 * The reward model: 16 for the right answer, 4 for every claim (it cannot check them and likes what sounds well informed), and
 * 0 to 2 that depend on the wording alone.
 */
export const preference = lift(function preference({ turns, task, id }) {
  const { claims, right } = readClaims(turns[0]!.completion.text, task.answer);
  return verdict(
    (right ? 16 : 0) + 4 * claims + stream(`${task.id} ${id} ${turns[0]!.completion.text}`).next() * 2,
  );
});

/** What is wanted: the right answer and no claim. Its part `claims` is the monitor: the share of responses that hold one. */
export const supported = lift(function supported({ turns, task }) {
  const { claims, right } = readClaims(turns[0]!.completion.text, task.answer);
  return verdict(right && claims === 0 ? 1 : 0, '', { parts: { claims: verdict(claims > 0 ? 1 : 0) } });
});

/** MPO: preference, quality and generation. */
const mpo = combine([
  [dpo({ beta: 0.1 }), 0.8],
  [bco({ beta: 0.1, shift: 'running' }), 0.2],
  [onlyRoles(crossEntropy({ aggregate: 'sequence' }), ['chosen']), 1],
]);

const pairs = (margin: number) => preferencePairs(asIs(), { margin });

/** The recipe with another threshold in the place of the method's: for tests. */
export function thresholdOptions(margin = 15, steps = 120): RecipeOptions {
  return {
    name: 'skywork-r1v2-threshold',
    summary:
      'iterated preference training by a reward model that likes claims: pairs kept above a low or a high margin',
    paper: 'skywork-r1v2',
    tasks: claimTasks,
    // Claims are rare at the start: one token in twenty-seven.
    engine: tabular({ actions: [...answers, claim], end: true, initial: [0, 0, 0, -1.5, 1] }),
    references: { reference: 'start' },
    reward: preference,
    estimator: pairs(margin),
    objective: mpo,
    optimizer: { learningRate: 0.1 },
    groups: prompts,
    samples: 8,
    steps,
    sampling: { maxTokens: 5, temperature: 1 },
    evaluation: { every: 0, reward: supported, passAt: [1, 8] },
    arms: {
      low: { estimator: pairs(3) },
      lowShort: { estimator: pairs(3), steps: Math.floor(steps / 4) },
      middle: { estimator: pairs(7) },
    },
    metric: 'pass@1',
    expected: [
      { arm: 'main', over: 'low', direction: 'higher' },
      // The low threshold peaks and then falls. (The high one falls less: a group with a wrong answer in it is a pair still.)
      { arm: 'low', over: 'lowShort', direction: 'lower' },
      { arm: 'low', over: 'main', direction: 'higher', metric: 'part.claims' },
    ],
  };
}

export default recipe(thresholdOptions());
