import { z } from 'zod';
import {
  described,
  type Json,
  type Loss,
  type Objective,
  parseOptions,
  runningStatistics,
  type TokenBatch,
} from '../core/index.ts';
import { sigmoid, softplus } from './bounded.ts';
import { sequenceScores, sides, tokenSlopes } from './sequences.ts';

const shared = {
  beta: z.number().positive().default(0.1),
  /** The named reference. */
  to: z.string().default('reference'),
};
const bcoSchema = z.object({
  ...shared,
  /** The shift δ: a number, the mean of this batch, or (as an objective) a moving average over the batches before. */
  shift: z.union([z.literal('batch'), z.literal('running'), z.number()]).default('batch'),
  /** Of the moving average: new = decay · old + (1 − decay) · mean of the batch. The first batch has δ = 0. */
  decay: z.number().min(0).lt(1).default(0.9),
});
const ktoSchema = z.object({
  ...shared,
  /** The point of reference z: a number, or the mean log-ratio of this batch, at least 0. */
  shift: z.union([z.literal('batch'), z.number()]).default('batch'),
  /** Weights of good and bad samples. */
  chosen: z.number().min(0).default(1),
  rejected: z.number().min(0).default(1),
});

export type BcoOptions = z.input<typeof bcoSchema>;
export type KtoOptions = z.input<typeof ktoSchema>;

/**
 * The binary classifier loss of BCO (Jung et al. 2024; MPO's quality term in Skywork-R1V2): with Δ = β Σ (ℓ − ℓ_ref), the mean of
 * −log σ(Δ − δ) over chosen plus the mean of −log σ(δ − Δ) over rejected samples. No gradient through δ.
 */
export function bcoLoss(batch: TokenBatch, options: BcoOptions = {}): Loss {
  const { beta, to, shift } = bcoSchema.parse(options);
  const scores = sequenceScores(batch, { reference: to });
  const side = sides(batch);
  if (shift === 'running')
    throw new RangeError("a running shift needs a memory: use the objective 'bco', or give the number");
  const mean = beta * meanWhere(scores, side);
  const delta = shift === 'batch' ? mean : shift;
  const counts = countOf(side);
  const slopes = new Float64Array(scores.length);
  let loss = 0;
  for (let s = 0; s < scores.length; s++) {
    if (side[s] === 0) continue;
    const share = 1 / (side[s]! > 0 ? counts.chosen : counts.rejected);
    const x = side[s]! * (beta * scores[s]! - delta);
    loss += share * softplus(-x);
    slopes[s] = -share * side[s]! * beta * sigmoid(-x);
  }
  return {
    loss,
    dLogprob: tokenSlopes(batch, slopes),
    metrics: { quality: loss, qualityShift: delta, implicitReward: mean },
  };
}

/**
 * A KTO-style loss (Ethayarajh et al. 2024): 1 − σ(β(r − z)) for chosen and 1 − σ(β(z − r)) for rejected samples with
 * r = Σ (ℓ − ℓ_ref), weighted, averaged over both. The paper estimates z from mismatched completions; here it is the mean of r in
 * the batch, at least 0, or a number. No gradient through it.
 */
export function ktoLoss(batch: TokenBatch, options: KtoOptions = {}): Loss {
  const { beta, to, shift, ...weights } = ktoSchema.parse(options);
  const scores = sequenceScores(batch, { reference: to });
  const side = sides(batch);
  const point = shift === 'batch' ? Math.max(0, meanWhere(scores, side)) : shift;
  const { chosen, rejected } = countOf(side);
  const slopes = new Float64Array(scores.length);
  let loss = 0;
  for (let s = 0; s < scores.length; s++) {
    if (side[s] === 0) continue;
    const share = (side[s]! > 0 ? weights.chosen : weights.rejected) / (chosen + rejected);
    const p = sigmoid(-side[s]! * beta * (scores[s]! - point));
    loss += share * p;
    slopes[s] = -share * side[s]! * beta * p * (1 - p);
  }
  return { loss, dLogprob: tokenSlopes(batch, slopes), metrics: { kto: loss, ktoPoint: point } };
}

/** `bcoLoss` as an objective. With `shift: 'running'` it remembers: a loss changes what the next one subtracts. */
export function bco(options: BcoOptions = {}): Objective {
  const parsed = parseOptions(bcoSchema, options, "objective 'bco'");
  const needs = { references: [parsed.to] };
  if (parsed.shift !== 'running')
    return described('bco', '1', parsed, { needs, loss: (batch: TokenBatch) => bcoLoss(batch, parsed) });
  const memory = { memory: { decay: parsed.decay } };
  let past = runningStatistics(memory);
  return described('bco', '1', parsed, {
    needs,
    loss: (batch: TokenBatch) => {
      const found = bcoLoss(batch, { ...parsed, shift: past.count > 0 ? past.mean : 0 });
      past.push(found.metrics.implicitReward!);
      return found;
    },
    state: {
      save: () => past.save(),
      load: (saved: Json) => past.load(saved),
      reset: () => {
        past = runningStatistics(memory);
      },
    },
  });
}

/** `ktoLoss` as an objective. */
export function kto(options: KtoOptions = {}): Objective {
  const parsed = parseOptions(ktoSchema, options, "objective 'kto'");
  return described('kto', '1', parsed, {
    needs: { references: [parsed.to] },
    loss: (batch: TokenBatch) => ktoLoss(batch, parsed),
  });
}

function meanWhere(scores: Float64Array, side: Int8Array): number {
  const used = scores.filter((_, s) => side[s] !== 0);
  return used.length > 0 ? used.reduce((sum, x) => sum + x, 0) / used.length : 0;
}

function countOf(side: Int8Array): { chosen: number; rejected: number } {
  return { chosen: side.filter((x) => x > 0).length, rejected: side.filter((x) => x < 0).length };
}
