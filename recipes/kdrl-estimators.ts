import { deriveSeed, stream, type TokenBatch } from 'assay/core';
import { tabular } from 'assay/engine';
import { type KlEstimator, klLoss } from 'assay/objective';
import { type StudyContext, study } from 'assay/train';

const actions = [...'abcdefgh'];
const samples = 250;

/** A student and a teacher over eight tokens, the same for every seed: logits of a standard normal distribution. */
function pair(): { start: number[]; teacher: number[] } {
  const random = stream(0, 'kdrl-estimators');
  const draw = () => actions.map(() => random.normal());
  return { start: draw(), teacher: logSoftmax(draw()) };
}

const logSoftmax = (logits: readonly number[]): number[] => {
  const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - norm);
};

/** The student's exact reverse KL to the teacher, before and after training on samples of its own with one estimator as its loss. */
function distils(estimator: KlEstimator, steps: number) {
  return async (seed: number, { signal, progress }: StudyContext) => {
    const { start, teacher } = pair();
    const student = await tabular({ actions, initial: start }).create({ seed });
    const reverse = async (): Promise<number> => {
      const tokens = actions.map((action) => ({ context: '', tokens: student.encode(action) }));
      const { logprobs } = await student.forward(tokens, { tape: false });
      return logprobs.reduce((sum, l, a) => sum + Math.exp(l) * (l - teacher[a]!), 0);
    };
    const before = await reverse();
    for (let step = 0; step < steps; step++) {
      signal.throwIfAborted();
      const requests = Array.from({ length: samples }, (_, i) => ({
        context: '',
        seed: deriveSeed(seed, 'sample', step, i),
      }));
      const completions = await student.sample(requests, { maxTokens: 1 });
      const pass = await student.forward(completions.map(({ tokens }) => ({ context: '', tokens })));
      const batch: TokenBatch = {
        starts: pass.starts,
        groups: new Int32Array(samples),
        mask: new Uint8Array(samples).fill(1),
        logprobs: pass.logprobs,
        old: pass.logprobs,
        references: { teacher: Float64Array.from(completions, ({ tokens }) => teacher[tokens[0]!]!) },
        terms: {},
      };
      const { dLogprob } = klLoss(batch, { estimator, to: 'teacher' });
      await pass.backward({ dLogprob });
      await student.step({ learningRate: 0.03 });
      progress((step + 1) / steps);
    }
    return { before, reverse: await reverse() };
  };
}

/** The study with another estimator in the place of k2, or of another length: for tests. */
export function estimators(method: KlEstimator = 'k2', steps = 150) {
  return study({
    name: 'kdrl-estimators',
    summary: 'a softmax over eight tokens that is distilled on its own samples by k1, k2 or k3 as the loss',
    paper: 'kdrl',
    arms: { k2: distils(method, steps), k3: distils('k3', steps), k1: distils('k1', steps) },
    metric: 'reverse',
    expected: [
      // k1 as a loss has no mean gradient: it does not distil at all.
      { arm: 'k2', over: 'k1', direction: 'lower', by: 0.1 },
      { arm: 'k3', over: 'k1', direction: 'lower', by: 0.1 },
    ],
  });
}

export default estimators();
