import type { Position } from './position.ts';
import type { ResolvedStage } from './recipe.ts';

/** Why a stage is over, or undefined while it goes on. */
export function stopReason(stage: ResolvedStage, position: Position): string | undefined {
  const { until } = stage;
  if (position.stageStep >= stage.steps) return 'its steps are done';
  if (until?.seconds !== undefined && position.stageSeconds >= until.seconds)
    return `${until.seconds} seconds are over`;
  if (until?.tokens !== undefined && position.tokens - position.stageTokens >= until.tokens)
    return `${until.tokens} tokens were sampled`;
  const window = until?.window ?? 10;
  if (until?.reward !== undefined && position.rewards.length >= window) {
    const recent = position.rewards.slice(-window);
    const mean = recent.reduce((sum, r) => sum + r, 0) / window;
    if (mean >= until.reward) return `the reward reached ${until.reward}`;
  }
  if (until?.plateau) {
    const { evaluations, by = 0.005 } = until.plateau;
    const { rates } = position;
    const earlier = rates.slice(0, -evaluations);
    if (earlier.length > 0 && Math.max(...rates.slice(-evaluations)) < Math.max(...earlier) + by)
      return `the held-out solve rate has not risen for ${evaluations} evaluations`;
  }
  return undefined;
}
