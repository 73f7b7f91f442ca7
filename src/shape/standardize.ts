import {
  type Json,
  type Reward,
  type RewardLike,
  type RewardState,
  type RunningStatistics,
  type RunningStatisticsOptions,
  runningStatistics,
} from '../core/index.ts';
import { compose, missing, shown, valued } from './compose.ts';

/** Running statistics by kind, as the state of a reward. */
function statisticsByKind(
  options: RunningStatisticsOptions,
): RewardState & { of(kind: string): RunningStatistics } {
  const kinds = new Map<string, RunningStatistics>();
  const of = (kind: string) => {
    if (!kinds.has(kind)) kinds.set(kind, runningStatistics(options));
    return kinds.get(kind)!;
  };
  return {
    of,
    save: (): Json => Object.fromEntries([...kinds].map(([kind, one]) => [kind, one.save()])),
    load: (saved) => {
      kinds.clear();
      for (const [kind, one] of Object.entries(saved as Record<string, Json>)) of(kind).load(one);
    },
    reset: () => kinds.clear(),
  };
}

export interface StandardizeOptions extends RunningStatisticsOptions {
  /**
   * `zScore` (x − mean)/max(deviation, floor); `quantile` (x − q_low)/(q_high − q_low) within [0, 1], which needs a memory of
   * { window }; `baseline` max(0, (x − b)/(1 − b)) with b a given number.
   */
  readonly how?: 'zScore' | 'quantile' | 'baseline';
  readonly floor?: number;
  readonly low?: number;
  readonly high?: number;
  readonly baseline?: number;
  /** Values of this call enter the statistics before they are standardised, or after. Default after. */
  readonly update?: 'before' | 'after';
  /** So many values pass unchanged first. Default 2. */
  readonly warmUp?: number;
  /** One statistic for all, or one a domain of the task. */
  readonly per?: 'all' | 'domain';
}

/**
 * Values on the scale of what was seen before. The statistics are the reward's state: they are in the checkpoint, and are
 * frozen while `phase` is 'evaluate'. The result depends on the order of calls, so it is asked a batch at a time.
 */
export function standardize(inner: RewardLike, options: StandardizeOptions = {}): Reward {
  const { how = 'zScore', floor = 1e-6, low = 0.05, high = 0.95, baseline = 0 } = options;
  const {
    update = 'after',
    warmUp = 2,
    per = 'all',
    memory = how === 'quantile' ? { window: 1000 } : 'all',
  } = options;
  const state = statisticsByKind({ memory });
  return compose({
    name: 'standardize',
    options: { how, floor, low, high, baseline, update, warmUp, per, memory },
    parts: { inner },
    scope: 'batch',
    state,
    combine: ({ inner: column }, samples, context) => {
      const statistics = samples.map(({ task }) => state.of(per === 'domain' ? (task.domain ?? '') : ''));
      const learn = () => {
        if (context.phase !== 'evaluate')
          column.forEach(({ value }, i) => {
            if (value !== null) statistics[i]!.push(value);
          });
      };
      if (update === 'before') learn();
      const out = column.map((one, i) => {
        if (one.value === null) return missing('inner', one);
        const known = statistics[i]!;
        let value = one.value;
        if (how === 'baseline') value = Math.max(0, (value - baseline) / (1 - baseline));
        else if (known.count >= Math.max(1, warmUp)) {
          if (how === 'zScore') value = (value - known.mean) / Math.max(Math.sqrt(known.variance), floor);
          else {
            const [from, to] = [known.quantile(low), known.quantile(high)];
            value = to - from < floor ? 0.5 : Math.min(1, Math.max(0, (value - from) / (to - from)));
          }
        }
        return valued(value, `${how} of ${shown(one.value)}`, { inner: one });
      });
      if (update === 'after') learn();
      return out;
    },
  });
}

export interface CostOptions {
  readonly window?: number;
  readonly low?: number;
  readonly high?: number;
}

/**
 * Router-R1's cost term: with u = √cost, 1 − (u − q_low)/(q_high − q_low) within [0, 1] between running percentiles of the last
 * `window` costs, this one among them; 0.5 while they do not differ. Cheap is 1. It depends on the order of the samples. `raw`
 * gives the cost, 0 or more; a negative one counts as 0. Frozen in evaluation.
 */
export function cost(raw: RewardLike, { window = 1000, low = 0.05, high = 0.95 }: CostOptions = {}): Reward {
  const state = statisticsByKind({ memory: { window } });
  return compose({
    name: 'cost',
    options: { window, low, high },
    parts: { raw },
    scope: 'batch',
    state,
    combine: (columns, _, context) => {
      const seen = state.of('');
      return columns.raw.map((one) => {
        if (one.value === null) return missing('raw', one);
        const u = Math.sqrt(Math.max(0, one.value));
        if (context.phase !== 'evaluate') seen.push(u);
        const [from, to] = [seen.quantile(low), seen.quantile(high)];
        const value = to - from >= 1e-8 ? 1 - Math.min(1, Math.max(0, (u - from) / (to - from))) : 0.5;
        return valued(value, `a cost of ${shown(one.value)}`, { raw: one });
      });
    },
  });
}
