import { z } from 'zod';
import { mean, parseOptions, type Reward, type RewardLike, standardDeviation } from '../core/index.ts';
import { byGroupLength, success as successField } from './length.ts';

export const lengthZScoreSchema = z.strictObject({
  /** The public implementation uses 0.6. */
  alpha: z.number().min(0).max(1).default(0.2).describe('how much length may cost'),
  std: z.enum(['population', 'sample']).default('population').describe('the deviation'),
  success: successField,
});

export type LengthZScoreOptions = z.input<typeof lengthZScoreSchema>;

/**
 * GRPO-λ's length term (Dai et al. 2025): right answers get 1 − α σ(z) with z their length standardised among the right ones of
 * the group; wrong ones 0. Without spread z is 0. (A third-party implementation rewards wrong ones too; not followed.)
 */
export function lengthZScores(
  values: readonly number[],
  lengths: readonly number[],
  options: LengthZScoreOptions = {},
): number[] {
  const { alpha, std, success } = lengthZScoreSchema.parse(options);
  const right = lengths.filter((_, i) => values[i]! >= success);
  const centre = mean(right);
  const spread = standardDeviation(right, std);
  return lengths.map((length, i) => {
    if (values[i]! < success) return 0;
    const z = spread > 0 ? (length - centre) / spread : 0;
    return 1 - alpha / (1 + Math.exp(-z));
  });
}

export function lengthZScore(inner: RewardLike, options: LengthZScoreOptions = {}): Reward {
  const parsed = parseOptions(lengthZScoreSchema, options, "shape 'lengthZScore'");
  return byGroupLength('lengthZScore', { ...options }, inner, 0, (values, lengths) =>
    lengthZScores(values, lengths, parsed),
  );
}

export const adaptiveLengthSchema = z.strictObject({ success: successField });

export type AdaptiveLengthOptions = z.input<typeof adaptiveLengthSchema>;

/**
 * UI-R1-E's difficulty-adaptive length term, added to the value: with p the share of right members, the budget is p times
 * their mean length plus (1 − p) times the longest; λ is the relative excess over it. Right: + max(0.5 − 0.5 λ, 0.1); wrong:
 * + min(0.9 λ − 0.1, −0.1).
 */
export function adaptiveLengths(
  values: readonly number[],
  lengths: readonly number[],
  options: AdaptiveLengthOptions = {},
): number[] {
  const { success } = adaptiveLengthSchema.parse(options);
  const right = lengths.filter((_, i) => values[i]! >= success);
  const p = values.length > 0 ? right.length / values.length : 0;
  const budget = p * (right.length > 0 ? mean(right) : 0) + (1 - p) * Math.max(0, ...lengths);
  return values.map((value, i) => {
    const excess = budget > 0 ? (lengths[i]! - budget) / budget : 0;
    return (
      value + (value >= success ? Math.max(0.5 - 0.5 * excess, 0.1) : Math.min(0.9 * excess - 0.1, -0.1))
    );
  });
}

export function adaptiveLength(inner: RewardLike, options: AdaptiveLengthOptions = {}): Reward {
  const parsed = parseOptions(adaptiveLengthSchema, options, "shape 'adaptiveLength'");
  return byGroupLength('adaptiveLength', { ...options }, inner, -1, (values, lengths) =>
    adaptiveLengths(values, lengths, parsed),
  );
}

export const lengthBandSchema = z.strictObject({
  limit: z.number().min(0).default(0.5).describe('the largest penalty'),
  tolerance: z.number().min(0).default(0.2).describe('the relative distance that is free'),
  side: z.enum(['both', 'short', 'long']).default('both').describe('which side is penalised'),
  success: successField,
});

export type LengthBandOptions = z.input<typeof lengthBandSchema>;

/**
 * HARMO's band around the mean length L of the right members: −limit · min(1, max(0, |length − L|/L − tolerance)), to be added to
 * the task's reward. 0 for all where none is right. The paper's formula is not public; this one is our reading.
 */
export function lengthBands(
  values: readonly number[],
  lengths: readonly number[],
  options: LengthBandOptions = {},
): number[] {
  const { limit, tolerance, side, success } = lengthBandSchema.parse(options);
  const right = lengths.filter((_, i) => values[i]! >= success);
  if (right.length === 0) return lengths.map(() => 0);
  const centre = mean(right);
  return lengths.map((length) => {
    if ((side === 'short' && length > centre) || (side === 'long' && length < centre) || centre <= 0)
      return 0;
    return -limit * Math.min(1, Math.max(0, Math.abs(length - centre) / centre - tolerance)) || 0;
  });
}

export function lengthBand(inner: RewardLike, options: LengthBandOptions = {}): Reward {
  const parsed = parseOptions(lengthBandSchema, options, "shape 'lengthBand'");
  return byGroupLength('lengthBand', { ...options }, inner, -parsed.limit, (values, lengths) =>
    lengthBands(values, lengths, parsed),
  );
}
