/** A prompt that does not fit the engine's context. */
import { grpo } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe } from 'assay/train';
import { exact } from 'assay/verify';

const tasks = [{ id: 't', prompt: 'a'.repeat(40), answer: 'a' }];

export default recipe({
  name: 'long-prompt',
  tasks: {
    name: 'long',
    version: '1',
    options: {},
    load: async () => ({ train: tasks, evaluate: tasks, demonstrations: [] }),
  },
  engine: embedded({
    layers: 1,
    width: 16,
    heads: 2,
    context: 16,
    tokenizer: { kind: 'character', alphabet: 'ab' },
  }),
  reward: exact(),
  estimator: grpo(),
  objective: clipped(),
  optimizer: { learningRate: 1e-3 },
  steps: 1,
  sampling: { maxTokens: 4 },
});
