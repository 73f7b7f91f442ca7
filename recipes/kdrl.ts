import { cosine, linear, type Objective, stream, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { reversingTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped, combine, crossEntropy, kl } from 'assay/objective';
import { type RecipeOptions, recipe, type Stage } from 'assay/train';
import { exact } from 'assay/verify';

const alphabet = 'abcdefghij';
const length = 4;

/** Texts to reverse, with a teacher's demonstrations: right in `right` of the cases, else one letter of it slips. */
export function slippingTasks(right: number, evaluate = 300): TaskSource {
  const options = { length, alphabet, train: 2000, evaluate, demonstrations: 2000 };
  const source = reversingTasks(options);
  return {
    name: 'slipping',
    version: '1',
    options: { right, ...options },
    load: async () => {
      const { train, evaluate, demonstrations } = await source.load();
      const random = stream(0, 'slips');
      const slip = (code: string): string => {
        const at = random.integer(length);
        const others = [...alphabet].filter((letter) => letter !== code[at]);
        return code.slice(0, at) + random.pick(others) + code.slice(at + 1);
      };
      return {
        train,
        evaluate,
        demonstrations: demonstrations.map(({ prompt, completion }) => ({
          prompt,
          completion: random.next() < right ? completion : slip(completion),
        })),
      };
    },
  };
}

const engine = embedded({
  layers: 2,
  width: 32,
  heads: 4,
  context: 12,
  tokenizer: { kind: 'character', alphabet: `${alphabet}:` },
});

const policy = clipped({ aggregate: 'token' });
const distil = kl({ estimator: 'k2', to: 'teacher', aggregate: 'token' });

/** KDRL's objective: GRPO's, and β times the reverse KL towards the teacher by k2. */
export const unified = combine([
  [policy, 1],
  [distil, 0.1],
]);

/** The recipe with another objective in the place of the method's, or of other lengths: for tests. */
export function kdrlOptions(objective: Objective = unified, steps = 250, teaching = 250): RecipeOptions {
  // The teacher learns from its demonstrations before the student starts; in the arm `teacher` the policy is the teacher.
  const teach = (model: string): Stage => ({
    name: 'teach',
    kind: 'supervised',
    steps: teaching,
    batch: 64,
    updates: [
      {
        model,
        from: 'demonstrations',
        objective: crossEntropy(),
        optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
      },
    ],
  });
  return {
    name: 'kdrl',
    summary:
      'a code of four letters that only a teacher knows, in 60 % of the cases: reward and reverse KL in one objective',
    paper: 'kdrl',
    tasks: slippingTasks(0.6),
    engine,
    models: { teacher: engine },
    references: { teacher: { model: 'teacher' } },
    reward: exact(),
    estimator: grpo({ std: 'sample' }),
    objective,
    // The best of 3e-4, 1e-3 and 3e-3 for every arm that learns; GRPO alone never sees a reward, whatever the rate. With β from
    // 0.02 to 1 the result is the same within 0.04.
    optimizer: { learningRate: 3e-3, clipNorm: 1 },
    groups: 16,
    samples: 8,
    steps,
    stages: [teach('teacher'), { name: 'reinforce' }],
    sampling: { maxTokens: length, temperature: 1 },
    evaluation: { every: 0, passAt: [1, 4] },
    arms: {
      grpo: { objective: policy, stages: [{ name: 'reinforce' }] },
      // KD-RKL: the teacher alone.
      distilled: { objective: distil },
      // KDRL-Annealing.
      annealed: {
        objective: combine([
          [policy, 1],
          [distil, linear({ from: 0.2, to: 0.02 })],
        ]),
      },
      // First one, then the other, at the same tokens: for the record.
      sequential: {
        stages: [
          teach('teacher'),
          { name: 'distil', objective: distil, steps: Math.floor(steps / 2) },
          { name: 'reinforce', objective: policy, steps: Math.ceil(steps / 2) },
        ],
      },
      teacher: { stages: [teach('policy')] },
    },
    // Sampled, not greedy: the teacher's most likely answer is right, but it says it only six times in ten.
    metric: 'pass@1',
    expected: [
      { arm: 'main', over: 'distilled', direction: 'higher', by: 0.1 },
      { arm: 'main', over: 'teacher', direction: 'higher', by: 0.1 },
      { arm: 'main', over: 'grpo', direction: 'higher', by: 0.5 },
      { arm: 'annealed', over: 'distilled', direction: 'higher', by: 0.1 },
      // The cold start: reward alone is stuck.
      { arm: 'grpo', over: 0, direction: 'notHigher', by: 0.05, metric: 'gain' },
    ],
  };
}

export default recipe(kdrlOptions());
