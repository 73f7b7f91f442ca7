import { z } from 'zod';
import {
  answerClusters,
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  parseOptions,
} from '../core/index.ts';
import { batchReturn } from './batch-return.ts';
import { grpo } from './grpo.ts';
import { estimatorOption } from './inner.ts';
import { joinedCredit, joinedNeeds } from './joined.ts';

const schema = z.object({
  /** Steepness of the gate. */
  gamma: z.number().default(20),
  /** The entropy, in nats, at which both terms weigh the same. */
  rho: z.number().default(1.5),
  /** `adaptive`, or always the one term: GRPO and COPO's 'GO-Only'. */
  mode: z.enum(['adaptive', 'local', 'global']).default('adaptive'),
});

const withInner = schema.extend({
  /** The advantage within the group; `grpo()` when left out. */
  local: estimatorOption.optional(),
  /** The advantage of the group in the batch; `batchReturn()` when left out. */
  global: estimatorOption.optional(),
});

export type EntropyBlendOptions = z.input<typeof withInner>;

/** σ(γ (H − ρ)): the weight of the local term for an answer entropy H in nats. */
export function entropyGate(entropy: number, { gamma = 20, rho = 1.5 } = {}): number {
  return 1 / (1 + Math.exp(-gamma * (entropy - rho)));
}

/**
 * COPO (Han et al. 2025): two terms, `local` and `global`, weighted per group by the entropy of its final answers (those of
 * the verdicts; unread ones are one cluster, samples without a verdict are left out). Low entropy: the group agrees, and the
 * global term counts. The weights are ≥ 0 and multiply the advantages, which is the same as weighting the clipped losses;
 * train on both: `combine([[clipped({ term: 'local' }), 1], [clipped({ term: 'global' }), 1]])`. One clipped loss of the sum
 * would not be the same where the signs differ. What either estimator masks leaves the gradient.
 */
export function entropyBlend(options: EntropyBlendOptions = {}): Estimator {
  const {
    local = grpo(),
    global = batchReturn(),
    ...parsed
  } = parseOptions(withInner, options, "estimator 'entropyBlend'");
  return described(
    'entropyBlend',
    '1',
    { ...parsed, local, global },
    {
      ...joinedNeeds({ local, global }),
      terms: ['local', 'global'],
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const within = local.estimate(batch, context);
        const across = global.estimate(batch, context);
        const weights = batch.groups.map(({ samples }) => {
          const scored = samples.filter(({ verdict }) => verdict?.value != null);
          const { entropy } = answerClusters(scored.map(({ verdict }) => verdict!.answer));
          const gate = entropyGate(entropy, parsed);
          return {
            entropy,
            scored: scored.length > 0,
            local: parsed.mode === 'adaptive' ? gate : parsed.mode === 'local' ? 1 : 0,
          };
        });
        const perSample = batch.groups.flatMap(({ samples }, g) => samples.map(() => weights[g]!.local));
        const scale = (of: Credit, weight: (w: number) => number) => {
          const term = of.terms.policy;
          if (term?.of !== 'sample')
            throw new RangeError("entropyBlend needs estimators with one 'policy' advantage a sample");
          return { of: 'sample' as const, values: term.values.map((a, i) => a * weight(perSample[i]!)) };
        };
        const counted = weights.filter(({ scored }) => scored);
        const average = (of: (w: (typeof weights)[number]) => number) =>
          counted.reduce((sum, w) => sum + of(w), 0) / Math.max(1, counted.length);
        const { metrics, ...others } = joinedCredit([within, across]);
        return {
          terms: { local: scale(within, (w) => w), global: scale(across, (w) => 1 - w) },
          ...others,
          metrics: {
            ...metrics,
            answerEntropy: average((w) => w.entropy),
            localWeight: average((w) => w.local),
          },
        };
      },
    },
  );
}
