import { type Demonstration, stream, type Task, type TaskSource } from 'assay/core';
import { entropyBlend } from 'assay/credit';
import { dynamicSampling } from 'assay/curriculum';
import { embedded } from 'assay/engine';
import { clipped, combine } from 'assay/objective';
import { route } from 'assay/shape';
import { recipe } from 'assay/train';
import { exact } from 'assay/verify';

const letters = [...'abcdefgh'];
/** Half of them easy, half hard. */
const questions = 120;
const names = Array.from({ length: questions }, (_, q) => `q${q}`);

/** What the base is shown for every question: how often the right letter, and how often one favourite wrong one. */
const shown = { easy: { right: 0.9, wrong: 0.03 }, hard: { right: 0.02, wrong: 0.9 } };

/**
 * Questions without a rule behind them, each with one right letter. The base has learnt the easy ones, and on the hard ones it
 * is wrong with conviction. Nothing can be carried over to other questions, so they are their own test.
 */
function misledQuestions(): TaskSource {
  return {
    name: 'misledQuestions',
    version: '1',
    options: { questions, letters, shown },
    load: async () => {
      const random = stream(0, 'misledQuestions');
      const demonstrations: Demonstration[] = [];
      const tasks = names.map((prompt, q): Task => {
        const level = q % 2 === 0 ? 'easy' : 'hard';
        const [answer, favourite] = random.shuffle([...letters]) as [string, string];
        for (let i = 0; i < 100; i++) {
          const u = i / 100;
          const { right, wrong } = shown[level];
          const completion = u < right ? answer : u < right + wrong ? favourite : random.pick(letters);
          demonstrations.push({ prompt, completion });
        }
        return { id: prompt, prompt, answer, reward: level };
      });
      return { train: tasks, evaluate: tasks, demonstrations };
    },
  };
}

/**
 * GRPO loses every group of one mind, right or wrong. COPO's global term pushes such groups down where the rest of the batch does
 * better, until a right answer turns up. Of its gate, γ is the paper's 20 and ρ is 0.3 in place of 1.5: with six samples a
 * single dissenter makes 0.45 nats, and from there on the local term counts. At 1.5 (five letters in six samples) the right
 * answer is pushed down with the others, and COPO learns less than GRPO: see docs/reproductions/copo.md. Tuned on seeds 0 to
 * 2 with a third of the questions: learning rates of 1e-3, 4e-3 and 8e-3 for COPO and GRPO alike (8e-3 is best for both).
 */
export default recipe({
  name: 'copo',
  summary:
    'half of the questions answered wrongly with conviction: most groups agree, and GRPO learns nothing from them',
  paper: 'copo',
  tasks: misledQuestions(),
  engine: embedded({
    layers: 1,
    width: 48,
    heads: 4,
    context: 4,
    tokenizer: { kind: 'vocabulary', entries: [...names, ...letters] },
  }),
  warmStart: { steps: 300, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: route({ easy: exact(), hard: exact() }),
  estimator: entropyBlend({ gamma: 20, rho: 0.3 }),
  objective: combine([
    [clipped({ low: 0.2, high: 0.28, term: 'local' }), 1],
    [clipped({ low: 0.2, high: 0.28, term: 'global' }), 1],
  ]),
  optimizer: { learningRate: 8e-3, clipNorm: 1 },
  groups: 60,
  samples: 6,
  steps: 120,
  sampling: { maxTokens: 2, temperature: 1 },
  evaluation: { every: 0, passAt: [1, 6] },
  checkpoint: { every: 1000 },
  arms: {
    grpo: { estimator: entropyBlend({ mode: 'local' }) },
    globalOnly: { estimator: entropyBlend({ mode: 'global' }) },
    // Half the steps: what is dropped was sampled too, so the tokens are the same.
    dynamicSampling: {
      estimator: entropyBlend({ mode: 'local' }),
      curriculum: dynamicSampling(),
      refills: 1,
      steps: 60,
    },
  },
  metric: 'mean.part.hard',
  expected: [
    { arm: 'main', over: 'grpo', direction: 'higher' },
    // Experiment 2: without the local term, right and wrong in a group are not told apart.
    { arm: 'main', over: 'globalOnly', direction: 'higher' },
  ],
});
