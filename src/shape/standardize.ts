import { z } from 'zod';
import {
  type Json,
  parseOptions,
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

const share = z.number().min(0).max(1);
const quantiles = { low: share.default(0.05), high: share.default(0.95) };
const rises = ({ low, high }: { low: number; high: number }) => low < high;
const rising = { path: ['low'], message: "must be below 'high'" };
const standardizeSchema = z
  .strictObject({
    /**
     * `zScore` (x − mean)/max(deviation, floor); `quantile` (x − q_low)/(q_high − q_low) within [0, 1], which needs a memory of
     * { window }; `baseline` max(0, (x − b)/(1 − b)) with b a given number.
     */
    how: z.enum(['zScore', 'quantile', 'baseline']).default('zScore'),
    floor: z.number().positive().default(1e-6),
    ...quantiles,
    baseline: z.number().lt(1).default(0),
    /** Values of this call enter the statistics before they are standardised, or after. */
    update: z.enum(['before', 'after']).default('after'),
    /** So many values pass unchanged first. */
    warmUp: z.int().min(0).default(2),
    /** One statistic for all, or one a domain of the task. */
    per: z.enum(['all', 'domain']).default('all'),
    /** All values alike, the last `window`, or exponential forgetting. Default 'all', and { window: 1000 } for quantiles. */
    memory: z
      .union(
        [
          z.literal('all'),
          z.strictObject({ window: z.int().min(1) }),
          z.strictObject({ decay: z.number().min(0).lt(1) }),
        ],
        { error: "expected 'all', { window } of 1 or more, or { decay } below 1" },
      )
      .optional(),
  })
  .refine(rises, rising)
  .refine(
    ({ how, memory = { window: 1 } }) => how !== 'quantile' || (memory !== 'all' && 'window' in memory),
    { path: ['memory'], message: 'quantiles need a memory of { window }' },
  );

export type StandardizeOptions = z.input<typeof standardizeSchema>;

/**
 * Values on the scale of what was seen before. The statistics are the reward's state: they are in the checkpoint, and are
 * frozen while `phase` is 'evaluate'. The result depends on the order of calls, so it is asked a batch at a time.
 */
export function standardize(inner: RewardLike, options: StandardizeOptions = {}): Reward {
  const parsed = parseOptions(standardizeSchema, options, "shape 'standardize'");
  const { how, floor, low, high, baseline, update, warmUp, per } = parsed;
  const memory = parsed.memory ?? (how === 'quantile' ? { window: 1000 } : 'all');
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

const costSchema = z
  .strictObject({ window: z.int().min(1).default(1000), ...quantiles })
  .refine(rises, rising);

export type CostOptions = z.input<typeof costSchema>;

/**
 * Router-R1's cost term: with u = √cost, 1 − (u − q_low)/(q_high − q_low) within [0, 1] between running percentiles of the last
 * `window` costs, this one among them; 0.5 while they do not differ. Cheap is 1. It depends on the order of the samples. `raw`
 * gives the cost, 0 or more; a negative one counts as 0. Frozen in evaluation.
 */
export function cost(raw: RewardLike, options: CostOptions = {}): Reward {
  const { window, low, high } = parseOptions(costSchema, options, "shape 'cost'");
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
