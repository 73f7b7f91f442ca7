import { cosine, stream, type Task, type TaskSource } from 'assay/core';
import { grpo, noiseCorrection } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { noise } from 'assay/shape';
import { recipe } from 'assay/train';
import { exact } from 'assay/verify';

const words = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
  'seventeen eighteen nineteen'
).split(' ');
const digits = words.map((_, n) => String(n));

/**
 * `7,12=` asks for the larger number. Five of eight tasks want it as a word (domain `word`), three in digits (domain `digit`), and
 * the prompt does not say which: a policy is best off with words, at a solve rate of 0.625; digits are right in 0.375. A pair of
 * numbers is held out as a whole, with all its tasks.
 */
const larger: TaskSource = {
  name: 'larger-in-two-forms',
  version: '1',
  options: {},
  load: async () => {
    const pairs = stream(0, 'larger-in-two-forms').shuffle(
      words.flatMap((_, x) => words.map((_, y) => [x, y] as const)),
    );
    const task = ([x, y]: readonly [number, number], domain: 'word' | 'digit', copy = 0): Task => ({
      id: `${x},${y} ${domain} ${copy}`,
      prompt: `${x},${y}=`,
      answer: (domain === 'word' ? words : digits)[Math.max(x, y)]!,
      domain,
    });
    const tasksOf = (pair: readonly [number, number]) =>
      Array.from({ length: 8 }, (_, copy) => task(pair, copy < 5 ? 'word' : 'digit', copy));
    const shown = pairs.slice(100);
    return {
      evaluate: pairs.slice(0, 100).flatMap(tasksOf),
      train: shown.flatMap(tasksOf),
      // The warm start shows both forms alike.
      demonstrations: shown.flatMap((pair) =>
        (['word', 'digit'] as const).map((domain) => {
          const { prompt, answer } = task(pair, domain);
          return { prompt, completion: String(answer) };
        }),
      ),
    };
  },
};

const none = { falsePositive: 0, falseNegative: 0 };
/** The checker knows digits well and rejects six of ten right words. */
const rates = { ...none, domains: { word: { falsePositive: 0, falseNegative: 0.6 }, digit: none } };
/** What is known of the noise without domains: of all right answers 0.625 · 0.6 are rejected. */
const pooled = { falsePositive: 0, falseNegative: 0.375 };

/**
 * Noise that differs between domains changes what is best: of all answers in words 0.625 · 0.4 = 0.25 are accepted, of those in
 * digits 0.375. Words win, as they should, only where each domain's own rates are divided out. Learning rates 3e-4, 1e-3 and 3e-3
 * were tried for all arms while the setting was made; docs/reproductions/noisy-verifier-corrections.md has a sweep of the final one.
 */
export default recipe({
  name: 'noisy-verifier-corrections',
  summary:
    'a checker that rejects right answers of one domain: corrected by the rates of each domain, or not',
  paper: 'noisy-verifier-corrections',
  tasks: larger,
  engine: embedded({
    layers: 2,
    width: 48,
    heads: 4,
    context: 8,
    tokenizer: { kind: 'vocabulary', entries: [...digits, ...words, ',', '='] },
  }),
  // Long enough to compare, without a liking for one of the forms.
  warmStart: {
    steps: 200,
    batch: 64,
    optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
  },
  reward: noise(exact(), rates),
  estimator: noiseCorrection({ ...rates, form: 'backward', inner: grpo({ std: 'none' }) }),
  objective: clipped({ low: 0.2, high: 0.28 }),
  optimizer: { learningRate: cosine({ from: 3e-4, to: 3e-5 }), clipNorm: 1 },
  groups: 32,
  samples: 8,
  steps: 120,
  sampling: { maxTokens: 2, temperature: 1 },
  evaluation: { every: 0 },
  arms: {
    // The same without a correction; and as GRPO, whose deviation hides part of the noise.
    uncorrected: { estimator: grpo({ std: 'none' }) },
    grpo: { estimator: grpo({ std: 'sample' }) },
    // One pair of rates for all: a longer step and nothing else.
    pooled: { estimator: noiseCorrection({ ...pooled, form: 'backward', inner: grpo({ std: 'none' }) }) },
    // The forward form by domain: its update is 1 − ρ0 − ρ1 times the clean one, so that domains keep their wrong weights.
    forward: { estimator: noiseCorrection({ ...rates, form: 'forward' }) },
    // No noise: the most that there is to win.
    clean: { reward: exact(), estimator: grpo({ std: 'none' }) },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'uncorrected', direction: 'higher', by: 0.1 },
    { arm: 'main', over: 'grpo', direction: 'higher', by: 0.1 },
    { arm: 'main', over: 'pooled', direction: 'higher', by: 0.1 },
  ],
});
