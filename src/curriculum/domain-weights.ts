import { z } from 'zod';
import {
  type Curriculum,
  described,
  type Group,
  InputError,
  type Json,
  parseOptions,
  type Random,
  type Task,
} from '../core/index.ts';
import { groupValues } from './group-values.ts';
import { shuffledPool } from './pool.ts';

const schema = z.object({
  /** Success is read from this part of the verdict (accuracy alone, never the format); its value when left out. */
  part: z.string().min(1).optional(),
  /** The mean of a domain over steps: exponentially weighted, of the last `buffer` steps with falling weights, or the last. */
  smoothing: z.enum(['ewma', 'harmonic', 'geometric', 'none']).default('ewma'),
  /** Share of the old estimate in `ewma`. */
  alpha: z.number().min(0).lt(1).default(0.5),
  buffer: z.number().int().positive().default(4),
  target: z.number().default(1),
  /** Temperature of the softmax over what a domain lacks. */
  temperature: z.number().positive().default(0.3),
  /** New weights every so many steps. */
  refresh: z.number().int().positive().default(1),
  /** The weights of the first step: all alike, ∝ 1/√size of the domain, or ∝ e^(1/√size). */
  initial: z.enum(['average', 'inverse', 'softmax_inverse']).default('average'),
  /** `worst` favours what is learnt least; `best`, the control, the opposite. */
  favour: z.enum(['worst', 'best']).default('worst'),
});

export type DomainWeightsOptions = z.input<typeof schema>;

/**
 * Dads (RuleReasoner 2025): weights by softmax of max(0, target − mean)/τ over domains. (The paper's ε is added to every exponent
 * and cancels.)
 */
export function underfitWeights(
  means: readonly number[],
  { target = 1, temperature = 0.3 }: { readonly target?: number; readonly temperature?: number } = {},
): number[] {
  const exponents = means.map((mean) => Math.max(0, target - mean) / temperature);
  const most = Math.max(...exponents);
  const raw = exponents.map((x) => Math.exp(x - most));
  const sum = raw.reduce((total, x) => total + x, 0);
  return raw.map((x) => x / sum);
}

/**
 * The weights before any reward was seen, by the domains' sizes n: all alike, ∝ 1/√n, or the softmax of 1/√n (the three of the released
 * code).
 */
export function initialWeights(
  sizes: readonly number[],
  initial: 'average' | 'inverse' | 'softmax_inverse' = 'average',
): number[] {
  const raw = sizes.map((size) => {
    const inverse = 1 / Math.sqrt(size);
    return initial === 'average' ? 1 : initial === 'inverse' ? inverse : Math.exp(inverse);
  });
  const sum = raw.reduce((total, x) => total + x, 0);
  return raw.map((x) => x / sum);
}

/** n places by weight: ⌊n·w⌋ each, then one more each to the largest weights until n are given; ties to the earlier. */
export function apportion(weights: readonly number[], n: number): number[] {
  const counts = weights.map((w) => Math.floor(n * w + 1e-9));
  const order = weights.map((_, i) => i).sort((a, b) => weights[b]! - weights[a]! || a - b);
  for (let k = 0, left = n - counts.reduce((sum, x) => sum + x, 0); left > 0; left--, k++)
    counts[order[k % order.length]!]!++;
  return counts;
}

/** The weights of the last `size` steps, newest first, and what the target is worth under them. */
export function decayed(kind: 'harmonic' | 'geometric', size: number): { decay: number[]; share: number } {
  const decay = Array.from({ length: size }, (_, k) => (kind === 'harmonic' ? 1 / (k + 1) : 0.5 ** k));
  return { decay, share: decay.reduce((sum, x) => sum + x, 0) / size };
}

interface Estimate {
  mean?: number;
  /** Sums and counts of the last steps, newest first. */
  readonly steps: [sum: number, n: number][];
}

/**
 * Tasks drawn domain by domain, more from where success is low. A domain that no step has touched yet counts as unsolved,
 * and one that is absent keeps its estimate (the released code forgets it). Inside a domain: epochs without replacement.
 */
export function domainWeights(options: DomainWeightsOptions = {}): Curriculum {
  const parsed = parseOptions(schema, options, "curriculum 'domainWeights'");
  return described('domainWeights', '1', parsed, {
    ...(parsed.part !== undefined && { reads: [parsed.part] }),
    create: ({ tasks, groups, random }: Parameters<Curriculum['create']>[0]) => {
      if (tasks.length === 0) throw new InputError('there are no tasks to train on');
      const names = [...new Set(tasks.map(({ domain }) => domain ?? ''))].sort();
      const members = names.map((name) => tasks.filter(({ domain }) => (domain ?? '') === name));
      const pools = members.map((own, d) => shuffledPool(own.length, random.fork('domain', names[d]!)));
      let order: Random = random.fork('order');
      let estimates: Estimate[] = names.map(() => ({ steps: [] }));
      let steps = 0;
      let weights = initialWeights(
        members.map((own) => own.length),
        parsed.initial,
      );
      const { smoothing } = parsed;
      const falling =
        smoothing === 'harmonic' || smoothing === 'geometric' ? decayed(smoothing, parsed.buffer) : undefined;
      const success = ({ mean, steps: past }: Estimate): number => {
        if (!falling) return mean ?? 0;
        const n = past.reduce((sum, [, count]) => sum + count, 0);
        return n > 0 ? past.reduce((sum, [own], k) => sum + own * falling.decay[k]!, 0) / n : 0;
      };
      const refresh = () => {
        const target = parsed.target * (falling?.share ?? 1);
        const found = estimates.map(success);
        const means = parsed.favour === 'worst' ? found : found.map((mean) => target - mean);
        weights = underfitWeights(means, { target, temperature: parsed.temperature });
      };
      const learn = (estimate: Estimate, values: readonly number[]) => {
        const sum = values.reduce((whole, x) => whole + x, 0);
        const mean = sum / values.length;
        estimate.mean =
          smoothing === 'ewma' && estimate.mean !== undefined
            ? parsed.alpha * estimate.mean + (1 - parsed.alpha) * mean
            : mean;
        estimate.steps.unshift([sum, values.length]);
        estimate.steps.length = Math.min(estimate.steps.length, parsed.buffer);
      };
      return {
        next: (n: number): Task[] => {
          const drawn = apportion(weights, n).flatMap((count, d) =>
            pools[d]!.draw(count).map((i) => members[d]![i]!),
          );
          return order.shuffle(drawn);
        },
        observe: <G extends readonly Group<unknown>[]>(seen: G): G => {
          names.forEach((name, d) => {
            const values = seen
              .filter(({ task }) => (task.domain ?? '') === name)
              .flatMap((group) => groupValues(group, parsed.part));
            if (values.length > 0) learn(estimates[d]!, values);
          });
          if (++steps % parsed.refresh === 0) refresh();
          return seen;
        },
        wants: (kept: number) => Math.max(0, groups - kept),
        get metrics() {
          return Object.fromEntries(
            names.flatMap((name, d) => [
              [`weight.${name}`, weights[d]!],
              [`success.${name}`, success(estimates[d]!)],
            ]),
          );
        },
        save: (): Json => ({
          pools: pools.map((pool) => pool.save()),
          order: order.save(),
          weights,
          steps,
          estimates: estimates.map(({ mean, steps: past }) => ({
            ...(mean !== undefined && { mean }),
            steps: past,
          })),
        }),
        load: (saved: Json) => {
          const from = structuredClone(saved) as unknown as {
            pools: Json[];
            order: ReturnType<Random['save']>;
            weights: number[];
            steps: number;
            estimates: Estimate[];
          };
          pools.forEach((pool, d) => {
            pool.load(from.pools[d]!);
          });
          order = random.fork('order');
          order.load(from.order);
          ({ weights, steps, estimates } = from);
        },
      };
    },
  });
}
