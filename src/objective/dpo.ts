import { z } from 'zod';
import { described, type Loss, type Objective, parseOptions, type TokenBatch } from '../core/index.ts';
import { sigmoid, softplus } from './bounded.ts';
import { preferencesOf, sequenceScores, tokenSlopes } from './sequences.ts';

const schema = z.object({
  beta: z.number().positive().default(0.1),
  /**
   * With h the difference of the scores: `sigmoid` −log σ(βh) (DPO), `hinge` max(0, 1 − βh) (SLiC), `ipo` (h − 1/2β)² (Azar et al.
   * 2024; TRL averages the log-probabilities there: `average`).
   */
  form: z.enum(['sigmoid', 'hinge', 'ipo']).default('sigmoid'),
  /** The named reference; null for none (SimPO, with `average` and a margin). */
  to: z.string().nullable().default('reference'),
  /** Scores per token rather than per sample. */
  average: z.boolean().default(false),
  /** Subtracted from βh. */
  margin: z.number().default(0),
  /** Share of pairs whose order is taken to be wrong (conservative DPO). For `sigmoid`. */
  smoothing: z.number().min(0).lt(0.5).default(0),
});

export type DpoOptions = z.input<typeof schema>;

/**
 * Direct preference optimisation (Rafailov et al. 2023) on samples with roles: the implicit score is Σ (ℓ − ℓ_ref) over all turns
 * of a sample, pairs are every chosen with every rejected sample of a group, and the mean is over the pairs of a group, then
 * over groups.
 */
export function dpoLoss(batch: TokenBatch, options: DpoOptions = {}): Loss {
  const { beta, form, to, average, margin, smoothing } = schema.parse(options);
  const scores = sequenceScores(batch, { ...(to !== null && { reference: to }), average });
  const preferences = preferencesOf(batch);
  const slopes = new Float64Array(scores.length);
  let loss = 0;
  let right = 0;
  let gap = 0;
  for (const { chosen, rejected } of preferences) {
    const share = 1 / (preferences.length * chosen.length * rejected.length);
    for (const c of chosen)
      for (const r of rejected) {
        const h = scores[c]! - scores[r]!;
        const x = beta * h - margin;
        let slope: number;
        if (form === 'sigmoid') {
          loss += share * ((1 - smoothing) * softplus(-x) + smoothing * softplus(x));
          slope = beta * (smoothing * sigmoid(x) - (1 - smoothing) * sigmoid(-x));
        } else if (form === 'hinge') {
          loss += share * Math.max(0, 1 - x);
          slope = x < 1 ? -beta : 0;
        } else {
          const off = h - margin / beta - 1 / (2 * beta);
          loss += share * off * off;
          slope = 2 * off;
        }
        slopes[c] = slopes[c]! + share * slope;
        slopes[r] = slopes[r]! - share * slope;
        right += share * (h > 0 ? 1 : h === 0 ? 0.5 : 0);
        gap += share * h;
      }
  }
  return {
    loss,
    dLogprob: tokenSlopes(batch, slopes, average),
    metrics: { preference: loss, preferenceAccuracy: right, preferenceGap: gap },
  };
}

/** `dpoLoss` as an objective. */
export function dpo(options: DpoOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'dpo'");
  return described('dpo', '1', parsed, {
    ...(parsed.to !== null && { needs: { references: [parsed.to] } }),
    loss: (batch: TokenBatch) => dpoLoss(batch, parsed),
  });
}
