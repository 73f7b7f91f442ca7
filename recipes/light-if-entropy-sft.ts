import { finalText, lift, type Objective, stream, type Task, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped, crossEntropy } from 'assay/objective';
import { recipe, type Stage } from 'assay/train';

const letters = [...'abcdef'];
const demonstrationsEach = 10;

/**
 * Single letters after 60 prompts. Forty ask for one letter, which eight of ten demonstrations give (the others a letter at random);
 * twenty leave the choice between three. The table has no way to a new prompt: held-out tasks are the training tasks.
 */
const tasks: TaskSource = {
  name: 'noisy-letters',
  version: '1',
  options: { letters, demonstrationsEach },
  load: async () => {
    const random = stream(0, 'noisy-letters');
    const all = Array.from({ length: 60 }, (_, i): Task => {
      const accepted = random.shuffle([...letters]).slice(0, i < 40 ? 1 : 3);
      return { id: `${i}`, prompt: `prompt ${i}:`, answer: accepted };
    });
    const demonstrations = all.flatMap(({ prompt, answer }, i) =>
      Array.from({ length: demonstrationsEach }, () => ({
        prompt,
        completion: random.pick(i < 40 && random.next() < 0.2 ? letters : (answer as string[])),
      })),
    );
    return { train: all, evaluate: all, demonstrations };
  },
};

const accepted = lift(function accepted(sample) {
  return (sample.task.answer as string[]).includes(finalText(sample));
});

/** Fine-tuning with a loss, and then rollouts that teach nothing: what entropy is left. */
const stages = (objective: Objective): Stage[] => [
  {
    name: 'fine-tune',
    kind: 'supervised',
    steps: 200,
    batch: 100,
    updates: [{ model: 'policy', from: 'demonstrations', objective, optimizer: { learningRate: 0.03 } }],
  },
  { name: 'measure', steps: 1, optimizer: { learningRate: 0 } },
];

/** Learning rates 0.01, 0.03 and 0.1 were tried for both; the share and the coefficient are those of the paper. */
export default recipe({
  name: 'light-if-entropy-sft',
  summary: 'fine-tuning on the confident and surprised tokens of a noisy corpus, against fine-tuning on all',
  paper: 'light-if',
  tasks,
  engine: tabular({ actions: letters }),
  reward: accepted,
  estimator: grpo(),
  objective: clipped(),
  optimizer: { learningRate: 0 },
  groups: 60,
  samples: 16,
  steps: 1,
  sampling: { maxTokens: 1, temperature: 1 },
  evaluation: { every: 0 },
  stages: stages(crossEntropy({ select: { share: 0.8, entropy: 0.8 } })),
  arms: { full: { stages: stages(crossEntropy()) } },
  metric: 'last.entropy',
  expected: [
    { arm: 'main', over: 'full', direction: 'higher' },
    { arm: 'full', over: 'main', direction: 'notHigher', by: 0.05, metric: 'after' },
  ],
});
