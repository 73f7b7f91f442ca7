import {
  type Demonstration,
  described,
  lift,
  type Objective,
  type Task,
  type TaskSource,
  type TokenBatch,
} from 'assay/core';
import { asIs, grpo, rewardMask, terms } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped, combine, crossEntropy, kl, klLoss } from 'assay/objective';
import { type RecipeOptions, recipe } from 'assay/train';

const count = 10;

/**
 * A yes or no to each prompt, `y` or `n`, after as much thinking (`h`) as one likes. The teacher thinks three tokens, and is right in
 * six cases of ten.
 */
export const thinkingTasks: TaskSource = {
  name: 'thinking',
  version: '1',
  options: { count },
  load: async () => {
    const tasks = Array.from(
      { length: count },
      (_, i): Task => ({ id: String(i), prompt: `${i}:`, answer: i % 2 === 0 ? 'y' : 'n' }),
    );
    const demonstrations = tasks.flatMap(({ prompt, answer }) =>
      Array.from({ length: 5 }, (_, i): Demonstration => {
        const said = i < 3 ? answer : answer === 'y' ? 'n' : 'y';
        return { prompt, completion: `hhh${said}` };
      }),
    );
    return { train: tasks, evaluate: tasks, demonstrations };
  },
};

/** 1 if the completion is thinking and then the answer, and nothing else. */
const answered = lift(function answered({ turns, task }) {
  const { text } = turns[0]!.completion;
  return text.endsWith(String(task.answer)) && text.search(/[^h]/) === text.length - 1;
});

/** An objective that also says how far right responses are from the teacher: the mean |d| of their tokens. */
function watched(inner: Objective): Objective {
  return described(
    'watched',
    '1',
    { inner },
    {
      needs: { references: ['teacher'] },
      loss: (batch: TokenBatch, context: Parameters<Objective['loss']>[1]) => {
        const found = inner.loss(batch, context);
        const right = batch.terms.right!;
        const share = right.reduce((sum, r) => sum + r, 0) / right.length;
        const { loss } = klLoss(batch, { estimator: 'abs', to: 'teacher', by: 'right' });
        return { ...found, metrics: { ...found.metrics, ...(share > 0 && { distance: loss / share }) } };
      },
    },
  );
}

const distil = (by?: string) =>
  watched(
    combine([
      [clipped(), 1],
      [kl({ estimator: 'k2', to: 'teacher', by }), 0.3],
    ]),
  );

/** The recipe with another mask in the place of the method's (none: plain KDRL): for tests. */
export function maskingOptions(mask: 'distil' | 'none' = 'distil', steps = 100): RecipeOptions {
  const engine = tabular({ actions: ['h', 'y', 'n'], end: true });
  return {
    name: 'kdrl-masking',
    summary: 'a teacher that thinks long: distilled where the student fails, or everywhere',
    paper: 'kdrl',
    tasks: thinkingTasks,
    engine,
    models: { teacher: engine },
    references: { teacher: { model: 'teacher' } },
    reward: answered,
    estimator: terms({ policy: grpo({ std: 'sample' }), distil: rewardMask(), right: asIs() }),
    objective: distil(mask === 'none' ? undefined : mask),
    optimizer: { learningRate: 0.1 },
    groups: count,
    samples: 8,
    steps,
    stages: [
      {
        name: 'teach',
        kind: 'supervised',
        steps: 40,
        batch: 5 * count,
        updates: [
          {
            model: 'teacher',
            from: 'demonstrations',
            objective: crossEntropy(),
            optimizer: { learningRate: 0.3 },
          },
        ],
      },
      { name: 'reinforce' },
    ],
    sampling: { maxTokens: 8, temperature: 1 },
    evaluation: { every: 0, passAt: [1, 4] },
    arms: { everywhere: { objective: distil() }, grpo: { objective: watched(clipped()) } },
    metric: 'last.length',
    expected: [
      { arm: 'main', over: 'everywhere', direction: 'lower' },
      { arm: 'main', over: 'everywhere', direction: 'higher', metric: 'last.distance' },
    ],
  };
}

export default recipe(maskingOptions());
