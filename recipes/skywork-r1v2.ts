import { stream, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { reversingTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { type RecipeOptions, recipe } from 'assay/train';
import { exact } from 'assay/verify';

const alphabet = 'abcdefghij';
/** How often the demonstrations reverse a text that begins with each letter; else they copy it: from easy to very hard. */
const reversed = [0.98, 0.9, 0.6, 0.3, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05];

/** Texts to reverse, with demonstrations that copy them instead the more often the later their first letter stands. */
export function spreadTasks(evaluate = 200): TaskSource {
  const options = { length: 4, alphabet, train: 2000, evaluate, demonstrations: 2000 };
  const source = reversingTasks(options);
  return {
    name: 'spread',
    version: '1',
    options: { reversed, ...options },
    load: async () => {
      const { train, evaluate: heldOut, demonstrations } = await source.load();
      const random = stream(0, 'spread');
      return {
        train,
        evaluate: heldOut,
        demonstrations: demonstrations.map(({ prompt, completion }) => {
          const text = String(prompt).slice(0, -1);
          const right = random.next() < reversed[alphabet.indexOf(text[0]!)]!;
          return { prompt, completion: right ? completion : text };
        }),
      };
    },
  };
}

const buffer = { target: 0.7, capacity: 1000, maxAge: 20 };

export const options: RecipeOptions = {
  name: 'skywork-r1v2',
  summary: 'replay of samples that had an advantage, against none and against as many random ones',
  paper: 'skywork-r1v2',
  tasks: spreadTasks(),
  engine: embedded({
    layers: 2,
    width: 32,
    heads: 4,
    context: 12,
    tokenizer: { kind: 'character', alphabet: `${alphabet}:` },
  }),
  warmStart: { steps: 150, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: exact(),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.28, aggregate: 'token' }),
  optimizer: { learningRate: 3e-3, clipNorm: 1 },
  groups: 12,
  samples: 8,
  steps: 60,
  sampling: { maxTokens: 4, temperature: 1 },
  evaluation: { every: 0 },
  replay: buffer,
  arms: {
    none: { replay: undefined },
    random: { replay: { ...buffer, keep: 'all', draw: 'uniform' } },
  },
  metric: 'after',
  expected: [{ arm: 'main', over: 'none', direction: 'higher' }],
};

export default recipe(options);
