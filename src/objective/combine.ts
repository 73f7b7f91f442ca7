import {
  described,
  InputError,
  isScheduleLike,
  type LearningContext,
  type Loss,
  type Objective,
  type ScheduleLike,
  scheduleAt,
  shownValue,
  type TokenBatch,
} from '../core/index.ts';
import { requireObjective } from './inner.ts';

/**
 * Σ weight · objective: `combine([[clipped(), 1], [kl(), 0.01]])`. A weight may be a schedule; one that is 0 at a step is
 * not computed there. Metrics of the parts are kept.
 */
export function combine(
  parts: readonly (readonly [objective: Objective, weight: ScheduleLike])[],
): Objective {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new InputError("objective 'combine' needs at least one part");
  for (const [i, part] of parts.entries()) {
    const where = `objective 'combine': part ${i}`;
    if (!Array.isArray(part) || part.length !== 2)
      throw new InputError(`${where}: expected [objective, weight]`);
    requireObjective(part[0], where);
    if (!isScheduleLike(part[1]))
      throw new InputError(`${where}: its weight must be a number or a schedule, not ${shownValue(part[1])}`);
  }
  const references = [...new Set(parts.flatMap(([{ needs }]) => needs?.references ?? []))];
  // A part whose weight is always 0 is never computed.
  const terms = [
    ...new Set(parts.flatMap(([{ needs }, weight]) => (weight === 0 ? [] : (needs?.terms ?? [])))),
  ];
  return described(
    'combine',
    '1',
    { parts },
    {
      children: Object.fromEntries(parts.map(([objective], i) => [String(i), objective])),
      needs: {
        entropies: parts.some(([{ needs }]) => needs?.entropies),
        values: parts.some(([{ needs }]) => needs?.values),
        sampled: parts.some(([{ needs }, weight]) => weight !== 0 && needs?.sampled),
        references,
        terms,
      },
      // A part whose weight is 0 at a step has no say there.
      idleAtZero: (context: LearningContext) =>
        parts.every(
          ([objective, weight]) =>
            scheduleAt(weight, context.step, context.totalSteps) === 0 ||
            objective.idleAtZero?.(context) === true,
        ),
      loss: (batch: TokenBatch, context: LearningContext): Loss => {
        const sums: { dLogprob?: Float64Array; dEntropy?: Float64Array; dValue?: Float64Array } = {};
        const metrics: Record<string, number> = {};
        let loss = 0;
        for (const [objective, schedule] of parts) {
          const weight = scheduleAt(schedule, context.step, context.totalSteps);
          if (weight === 0) continue;
          const part = objective.loss(batch, context);
          loss += weight * part.loss;
          Object.assign(metrics, part.metrics);
          for (const name of ['dLogprob', 'dEntropy', 'dValue'] as const) {
            const gradient = part[name];
            if (!gradient) continue;
            sums[name] ??= new Float64Array(gradient.length);
            const sum = sums[name];
            for (let t = 0; t < gradient.length; t++) sum[t] = sum[t]! + weight * gradient[t]!;
          }
        }
        return { loss, ...sums, metrics };
      },
    },
  );
}
