import { cosine, linear, stream, type TaskSource } from 'assay/core';
import { grpo, rewardMask, terms } from 'assay/credit';
import { reversingTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped, combine, crossEntropy, kl } from 'assay/objective';
import { type RecipeOptions, recipe, type Stage, type Update } from 'assay/train';
import { exact } from 'assay/verify';

const alphabet = 'abcdefghij';
const length = 4;

/** Texts to reverse, with a teacher's demonstrations: right in `right` of the cases, else one letter of it slips. */
export function slippingTasks(right: number): TaskSource {
  const options = { length, alphabet, train: 2000, evaluate: 300, demonstrations: 2000 };
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

/** The teacher learns from its demonstrations; in the arm `teacher` the policy is the teacher. */
const teach = (model: string): Stage => ({
  name: 'teach',
  kind: 'supervised',
  steps: 400,
  batch: 64,
  updates: [
    {
      model,
      from: 'demonstrations',
      objective: crossEntropy(),
      optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
    } satisfies Update,
  ],
});

const policy = clipped({ aggregate: 'token' });
const distil = kl({ estimator: 'k2', to: 'teacher', aggregate: 'token' });

export const options: RecipeOptions = {
  name: 'kdrl',
  summary: 'a code of four letters that only a teacher knows, in 60 % of the cases: reward and reverse KL in one objective',
  paper: 'kdrl',
  tasks: slippingTasks(0.6),
  engine,
  models: { teacher: engine },
  references: { teacher: { model: 'teacher' } },
  reward: exact(),
  estimator: grpo({ std: 'sample' }),
  objective: combine([
    [policy, 1],
    [distil, 0.1],
  ]),
  // The best of 3e-4, 1e-3 and 3e-3 for every arm that learns; GRPO alone never sees a reward, whatever the rate.
  optimizer: { learningRate: 3e-3, clipNorm: 1 },
  groups: 16,
  samples: 8,
  steps: 300,
  stages: [teach('teacher'), { name: 'reinforce' }],
  sampling: { maxTokens: length, temperature: 1 },
  evaluation: { every: 0, passAt: [1, 4] },
  arms: {
    grpo: { objective: policy, stages: [{ name: 'reinforce' }] },
    distilled: { objective: distil },
    annealed: {
      objective: combine([
        [policy, 1],
        [distil, linear({ from: 0.2, to: 0.02 })],
      ]),
    },
    masked: {
      estimator: terms({ policy: grpo({ std: 'sample' }), distil: rewardMask() }),
      objective: combine([
        [policy, 1],
        [kl({ estimator: 'k2', to: 'teacher', aggregate: 'token', by: 'distil' }), 0.1],
      ]),
    },
    sequential: {
      stages: [
        teach('teacher'),
        { name: 'distil', objective: distil, steps: 150 },
        { name: 'reinforce', objective: policy, steps: 150 },
      ],
    },
    teacher: { stages: [teach('policy')] },
  },
  metric: 'pass@1',
  expected: [
    { arm: 'main', over: 'distilled', direction: 'higher' },
    { arm: 'main', over: 'grpo', direction: 'higher' },
    { arm: 'main', over: 'teacher', direction: 'higher' },
    { arm: 'grpo', over: 0, direction: 'notHigher', metric: 'gain' },
  ],
};

export default recipe(options);
