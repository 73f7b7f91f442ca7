import { mean, type Reward, type RewardLike, standardDeviation } from '../core/index.ts';
import { byGroupLength } from './length.ts';

export interface LengthZScoreOptions {
  /** Default 0.2; the public implementation uses 0.6. */
  readonly alpha?: number;
  readonly std?: 'population' | 'sample';
  /** Right from this value on. Default 1. */
  readonly success?: number;
}

/**
 * GRPO-λ's length term (Dai et al. 2025): right answers get 1 − α σ(z) with z their length standardised among the right ones of
 * the group; wrong ones 0. Without spread z is 0. (A third-party implementation rewards wrong ones too; not followed.)
 */
export function lengthZScores(
  values: readonly number[],
  lengths: readonly number[],
  { alpha = 0.2, std = 'population', success = 1 }: LengthZScoreOptions = {},
): number[] {
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
  return byGroupLength('lengthZScore', { ...options }, inner, 0, (values, lengths) =>
    lengthZScores(values, lengths, options),
  );
}

export interface AdaptiveLengthOptions {
  /** Right from this value on. Default 1. */
  readonly success?: number;
}

/**
 * UI-R1-E's difficulty-adaptive length term, added to the value: with p the share of right members, the budget is p times
 * their mean length plus (1 − p) times the longest; λ is the relative excess over it. Right: + max(0.5 − 0.5 λ, 0.1); wrong:
 * + min(0.9 λ − 0.1, −0.1).
 */
export function adaptiveLengths(
  values: readonly number[],
  lengths: readonly number[],
  { success = 1 }: AdaptiveLengthOptions = {},
): number[] {
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
  return byGroupLength('adaptiveLength', { ...options }, inner, -1, (values, lengths) =>
    adaptiveLengths(values, lengths, options),
  );
}

export interface LengthBandOptions {
  /** The largest penalty. Default 0.5. */
  readonly limit?: number;
  /** The relative distance that is free. Default 0.2. */
  readonly tolerance?: number;
  /** Which side is penalised. Default both. */
  readonly side?: 'both' | 'short' | 'long';
  readonly success?: number;
}

/**
 * HARMO's band around the mean length L of the right members: −limit · min(1, max(0, |length − L|/L − tolerance)), to be added to
 * the task's reward. 0 for all where none is right. The paper's formula is not public; this one is our reading.
 */
export function lengthBands(
  values: readonly number[],
  lengths: readonly number[],
  { limit = 0.5, tolerance = 0.2, side = 'both', success = 1 }: LengthBandOptions = {},
): number[] {
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
  return byGroupLength('lengthBand', { ...options }, inner, -(options.limit ?? 0.5), (values, lengths) =>
    lengthBands(values, lengths, options),
  );
}
