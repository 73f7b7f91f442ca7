import { cosine, stream, type TaskSource } from 'assay/core';
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

type ReplayOptions = NonNullable<RecipeOptions['replay']>;

/** The Selective Sample Buffer: as many samples with an advantage as bring their share to 70 %, of the last 20 steps. */
const buffer: ReplayOptions = { target: 0.7, capacity: 2000, maxAge: 20 };

/** The recipe with another buffer (or none) in the place of the method's, or of other lengths: for tests. */
export function replayOptions(
  replay: ReplayOptions | undefined = buffer,
  steps = 45,
  warm = 150,
): RecipeOptions {
  return {
    name: 'skywork-r1v2',
    summary: 'samples that had an advantage are replayed where groups have none: at equal fresh rollouts',
    paper: 'skywork-r1v2',
    tasks: spreadTasks(),
    engine: embedded({
      layers: 2,
      width: 32,
      heads: 4,
      context: 12,
      tokenizer: { kind: 'character', alphabet: `${alphabet}:` },
    }),
    warmStart: {
      steps: warm,
      batch: 64,
      optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
    },
    reward: exact(),
    estimator: grpo({ std: 'sample' }),
    objective: clipped({ low: 0.2, high: 0.28, aggregate: 'token' }),
    // The best of 1e-3, 3e-3 and 6e-3 for `none`; main would gain from 6e-3.
    optimizer: { learningRate: 3e-3, clipNorm: 1 },
    groups: 48,
    samples: 8,
    steps,
    sampling: { maxTokens: 4, temperature: 1 },
    evaluation: { every: 0 },
    replay,
    arms: {
      none: { replay: undefined },
      // As many samples, drawn from all that were there: for the record, see docs/reproductions/skywork-r1v2.md.
      random: { replay: { ...buffer, keep: 'all', draw: 'uniform' } },
    },
    // Mean reward of the fresh rollouts over the run: the sooner it is learnt, the higher.
    metric: 'mean.reward',
    expected: [
      { arm: 'main', over: 'none', direction: 'higher' },
      // The share of samples with an advantage: under 40 % at the end without, over 60 % with the buffer.
      { arm: 'none', over: 0, direction: 'higher', by: 0.6, metric: 'last.zeroVariance' },
      { arm: 'main', over: 0, direction: 'higher', by: 0.6, metric: 'last.effective.replayed' },
    ],
  };
}

export default recipe(replayOptions());
