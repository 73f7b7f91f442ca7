import { z } from 'zod';
import { described, type Loss, type Objective, parseOptions, type TokenBatch } from '../core/index.ts';
import { sigmoid, softplus } from './bounded.ts';
import { preferencesOf, sequenceScores, tokenSlopes } from './sequences.ts';

const schema = z.object({
  beta: z.number().positive().default(0.1),
  /** Weight of the variance of the winners' log-ratios; 0 is DPO on group means. */
  variance: z.number().min(0).default(1),
  /** The named reference. */
  to: z.string().default('reference'),
});

export type GroupPreferenceOptions = z.input<typeof schema>;

/**
 * GEPO (Wu et al. 2025): −log σ(β(S_w − S_l)) + λ·Var_w per group, with S the mean of Σ (ℓ − ℓ_ref) over winners and over losers, and Var_w
 * the population variance of the winners': equivalent answers are pulled to equal log-ratios. Mean over the groups that have
 * both sides. Log-ratios are not length-normalised and β does not multiply the variance: both are our reading.
 */
export function groupPreferenceLoss(batch: TokenBatch, options: GroupPreferenceOptions = {}): Loss {
  const { beta, variance, to } = schema.parse(options);
  const scores = sequenceScores(batch, { reference: to });
  const preferences = preferencesOf(batch);
  const slopes = new Float64Array(scores.length);
  let preference = 0;
  let spread = 0;
  const average = (of: readonly number[]) => of.reduce((sum, s) => sum + scores[s]!, 0) / of.length;
  for (const { chosen, rejected } of preferences) {
    const share = 1 / preferences.length;
    const won = average(chosen);
    const x = beta * (won - average(rejected));
    preference += share * softplus(-x);
    const slope = share * beta * sigmoid(-x);
    for (const s of chosen) {
      const off = scores[s]! - won;
      spread += (share * off * off) / chosen.length;
      slopes[s] = (2 * share * variance * off - slope) / chosen.length;
    }
    for (const s of rejected) slopes[s] = slope / rejected.length;
  }
  const loss = preference + variance * spread;
  return {
    loss,
    dLogprob: tokenSlopes(batch, slopes),
    metrics: { groupPreference: preference, winnerVariance: spread },
  };
}

/** `groupPreferenceLoss` as an objective. */
export function groupPreference(options: GroupPreferenceOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'groupPreference'");
  return described('groupPreference', '1', parsed, {
    needs: { references: [parsed.to] },
    loss: (batch: TokenBatch) => groupPreferenceLoss(batch, parsed),
  });
}
