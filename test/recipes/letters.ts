/** A small recipe for tests of whole runs: three prompts, four letters, a network-free policy, every kind of state. */
import { lift, type Task } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped, combine, kl } from 'assay/objective';
import { recipe } from 'assay/train';

const tasks = ['a', 'c', 'd'].map((answer, i): Task => ({ id: `t${i}`, prompt: `say ${i}`, answer }));

export default recipe({
  name: 'letters',
  tasks: {
    name: 'letters',
    version: '1',
    options: {},
    load: async () => ({
      train: tasks,
      evaluate: tasks,
      demonstrations: tasks.map(({ prompt, answer }) => ({ prompt, completion: String(answer) })),
    }),
  },
  engine: tabular({ actions: ['a', 'b', 'c', 'd'] }),
  warmStart: { steps: 3, batch: 2, optimizer: { learningRate: 0.01 } },
  reward: lift(function says(sample) {
    return sample.turns[0]!.completion.text === sample.task.answer;
  }),
  estimator: grpo(),
  objective: combine([
    [clipped(), 1],
    [kl({ to: 'start' }), 0.01],
  ]),
  references: { start: 'stage' },
  optimizer: { learningRate: 0.02 },
  groups: 3,
  samples: 32,
  steps: 440,
  sampling: { maxTokens: 1 },
  evaluation: { every: 20 },
  checkpoint: { every: 10 },
});
