import { z } from 'zod';
import {
  asReward,
  described,
  InputError,
  isScheduleLike,
  noVerdict,
  parseOptions,
  type Reward,
  type RewardContext,
  type RewardLike,
  type Sample,
  type ScheduleLike,
  scheduleAt,
  shownValue,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { partOf, requireParts } from './parts.ts';
import { scoreWithin, widest } from './scoped.ts';

/** Named rewards with their weights; a reward alone has weight 1. A weight may be a schedule over the run's steps. */
export interface WeightedParts {
  readonly [name: string]: RewardLike | readonly [RewardLike, ScheduleLike];
}

export const weightedSchema = z.strictObject({
  /** As refcritic does. */
  divide: z.boolean().default(false).describe('divide by the sum of the weights'),
  /**
   * A part without a verdict leaves the sum without one, or is left out of the sum, as TRL sums several reward functions of
   * which some return None; a sample without any is without one in either case.
   */
  missing: z
    .enum(['noVerdict', 'skip'])
    .default('noVerdict')
    .describe('a part without a verdict leaves the sum without one, or is left out of it'),
});

export type WeightedOptions = z.input<typeof weightedSchema>;

/**
 * The weighted sum of rewards: Σ w·part, every part kept in the verdict. A part without a verdict leaves the sum without
 * one, with its cause, unless its weight is 0 at this step or `missing` says otherwise. Its scope is the widest of its parts'; parts of a narrower
 * scope are called per sample or per group, as they are elsewhere.
 */
export function weighted(parts: WeightedParts, options: WeightedOptions = {}): Reward {
  requireParts('weighted', parts);
  const { divide, missing } = parseOptions(weightedSchema, options, "shape 'weighted'");
  const named = Object.entries(parts).map(([name, part]) => {
    const pair: readonly unknown[] = Array.isArray(part) ? part : [part, 1];
    const [reward, weight] = pair as readonly [RewardLike, ScheduleLike];
    const where = partOf('weighted', name);
    if (pair.length !== 2) throw new InputError(`${where}: expected a reward or [reward, weight]`);
    if (!isScheduleLike(weight))
      throw new InputError(`${where}: its weight must be a number or a schedule, not ${shownValue(weight)}`);
    return { name, reward: asReward(reward, where), weight };
  });
  const scope = widest(named.map(({ reward }) => reward.scope));
  const children = Object.fromEntries(named.map(({ name, reward }) => [name, reward]));
  const minima = named.map(({ reward, weight }) =>
    typeof weight === 'number' ? weight * (reward.minimum ?? 0) : 0,
  );
  const combine = (columns: readonly (readonly Verdict[])[], weights: readonly number[], n: number) =>
    Array.from({ length: n }, (_, i) =>
      sum(
        named.map(({ name }, k) => ({ name, weight: weights[k]!, verdict: columns[k]![i]! })),
        divide,
        missing,
      ),
    );
  return described(
    'weighted',
    '1',
    {
      parts: Object.fromEntries(named.map(({ name, reward, weight }) => [name, [reward, weight]])),
      divide,
      ...(missing === 'skip' && { missing }),
    },
    {
      scope,
      trainable: named.every(({ reward }) => reward.trainable !== false),
      minimum: minima.reduce((total, one) => total + one, 0),
      children,
      score: (samples: readonly Sample<unknown>[], context: RewardContext) => {
        const weights = named.map(({ weight }) => scheduleAt(weight, context.step, context.totalSteps));
        const columns = named.map(({ reward }) => scoreWithin(reward, scope, samples, context));
        return columns.some((column) => column instanceof Promise)
          ? Promise.all(columns).then((all) => combine(all, weights, samples.length))
          : combine(columns as (readonly Verdict[])[], weights, samples.length);
      },
    },
  );
}

interface Part {
  readonly name: string;
  readonly weight: number;
  readonly verdict: Verdict;
}

function sum(
  parts: readonly Part[],
  divide: boolean,
  missing: NonNullable<WeightedOptions['missing']>,
): Verdict {
  const kept: Record<string, Verdict> = Object.create(null);
  for (const { name, verdict } of parts) kept[name] = verdict;
  const details = { parts: kept, ...carried(parts) };
  const counted = parts.filter(({ weight }) => weight !== 0);
  const lacking = counted.filter(({ verdict }) => verdict.value === null);
  const [first] = lacking;
  if (first !== undefined && (missing === 'noVerdict' || lacking.length === counted.length)) {
    const { cause = 'crash', reason = 'no verdict' } = first.verdict;
    return noVerdict(cause, `${first.name}: ${reason}`, details);
  }
  let total = 0;
  let weights = 0;
  for (const { weight, verdict } of counted)
    if (verdict.value !== null) {
      total += weight * verdict.value;
      weights += weight;
    }
  if (divide) {
    if (weights === 0) return noVerdict('unsupported', 'the weights sum to 0', details);
    total /= weights;
  }
  if (!Number.isFinite(total)) return noVerdict('crash', `the weighted sum is ${total}`, details);
  const terms = parts.map(
    ({ name, weight, verdict }) => `${name} ${verdict.value ?? 'no verdict'} × ${weight}`,
  );
  return verdict(total, terms.join(', '), details);
}

/** Spans of all parts, and the answer of the first part that read one: what credit and votes look for on the outside. */
function carried(parts: readonly Part[]): Pick<Verdict, 'answer' | 'at' | 'spans'> {
  const spans = parts.flatMap(({ verdict }) => verdict.spans ?? []);
  const reader = parts.find(({ verdict }) => verdict.answer !== undefined)?.verdict;
  return {
    ...(spans.length > 0 ? { spans } : {}),
    ...(reader ? { answer: reader.answer, ...(reader.at ? { at: reader.at } : {}) } : {}),
  };
}
