import { z } from 'zod';
import {
  bounded,
  described,
  type Loss,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';

const schema = z.object({
  aggregate: z.enum(aggregations).default('token'),
  /**
   * Entropy-SFT (Light-IF 2025): of the trained tokens of the batch, only this share with the largest −ℓ − entropy · H is learnt;
   * uncertain tokens are left alone. Needs `entropies`.
   */
  select: z
    .strictObject({ share: z.number().gt(0).max(1).default(0.8), entropy: z.number().default(0.8) })
    .optional(),
});

export type CrossEntropyOptions = z.input<typeof schema>;

/** −ℓ, aggregated: the supervised loss on demonstrations. */
export function crossEntropyLoss(batch: TokenBatch, options: CrossEntropyOptions = {}): Loss {
  const { aggregate, select } = schema.parse(options);
  const learnt = select ? { ...batch, mask: selectTokens(batch, select), totals: undefined } : batch;
  const weights = tokenWeights(learnt, aggregate);
  let loss = 0;
  for (let t = 0; t < weights.length; t++)
    if (weights[t] !== 0) loss -= weights[t]! * bounded(batch.logprobs[t]!);
  return { loss, dLogprob: weights.map((weight) => -weight), metrics: { crossEntropy: loss } };
}

/** The mask of the kept tokens: the top share by −ℓ − entropy · H, at least one; the earlier wins a tie. */
export function selectTokens(
  { mask, logprobs, entropies }: TokenBatch,
  { share = 0.8, entropy = 0.8 }: { readonly share?: number; readonly entropy?: number } = {},
): Uint8Array {
  if (!entropies) throw new RangeError('the batch has no entropies');
  const trained = Array.from(mask.keys()).filter((t) => mask[t]);
  const gap = (t: number) => -bounded(logprobs[t]!) - entropy * bounded(entropies[t]!);
  const kept = Math.min(trained.length, Math.max(1, Math.floor(share * trained.length + 1e-9)));
  const out = new Uint8Array(mask.length);
  for (const t of trained.sort((a, b) => gap(b) - gap(a) || a - b).slice(0, kept)) out[t] = 1;
  return out;
}

/** `crossEntropyLoss` as an objective. */
export function crossEntropy(options: CrossEntropyOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'crossEntropy'");
  return described('crossEntropy', '1', parsed, {
    ...(parsed.select && { needs: { entropies: true } }),
    loss: (batch: TokenBatch) => crossEntropyLoss(batch, parsed),
  });
}
