import { z } from 'zod';
import {
  numberOrInfinity,
  parseOptions,
  type Reward,
  type RewardLike,
  type Span,
  verdict,
} from '../core/index.ts';
import { compose, kept, missing } from './compose.ts';

/** min(r − η, 0) per step: what is good enough earns nothing, what is worse costs (CLIP of Gao et al. 2024). */
export function clipSteps(scores: readonly number[], threshold: number): number[] {
  return scores.map((score) => Math.min(score - threshold, 0));
}

/**
 * Each step's score less the next one's (DELTA of Gao et al. 2024); the last but one keeps its own and the last gets 0, so that
 * the sum from any step on is its own score. One step alone gets 0.
 */
export function deltaSteps(scores: readonly number[]): number[] {
  const last = scores.length - 1;
  return scores.map((score, k) => (k >= last ? 0 : k === last - 1 ? score : score - scores[k + 1]!));
}

const schema = z.strictObject({
  /** Which part of the spans holds the step scores. */
  part: z.string().min(1),
  /** η of the clip; no clip when left out. Clip comes before delta. */
  clip: numberOrInfinity.optional(),
  delta: z.boolean().default(false),
});

export type StepsOptions = z.input<typeof schema>;

/** A reward whose step scores (spans of one part) are clipped and turned into differences; its value stays. */
export function steps(inner: RewardLike, options: StepsOptions): Reward {
  const { part, clip, delta } = parseOptions(schema, options, "shape 'steps'");
  return compose({
    name: 'steps',
    options: { part, clip, delta },
    parts: { inner },
    combine: (columns) =>
      columns.inner.map((one) => {
        if (one.value === null) return missing('inner', one);
        const spans = one.spans ?? [];
        const scored = spans.filter((span) => span.part === part && span.value !== null);
        let values = scored.map(({ value }) => value!);
        if (clip !== undefined) values = clipSteps(values, clip);
        if (delta) values = deltaSteps(values);
        const changed = new Map<Span, number>(scored.map((span, k) => [span, values[k]!]));
        return verdict(one.value, one.reason ?? 'steps', {
          ...kept({ inner: one }),
          spans: spans.map((span) => (changed.has(span) ? { ...span, value: changed.get(span)! } : span)),
        });
      }),
  });
}
