import {
  described,
  InputError,
  type LearningContext,
  type Loss,
  type Objective,
  type ScheduleLike,
  scheduleAt,
  type TokenBatch,
} from '../core/index.ts';

/**
 * Σ weight · objective: `combine([[clipped(), 1], [kl(), 0.01]])`. A weight may be a schedule; one that is 0 at a step is
 * not computed there. Metrics of the parts are kept.
 */
export function combine(
  parts: readonly (readonly [objective: Objective, weight: ScheduleLike])[],
): Objective {
  if (parts.length === 0) throw new InputError("objective 'combine' needs at least one part");
  const references = [...new Set(parts.flatMap(([{ needs }]) => needs?.references ?? []))];
  return described(
    'combine',
    '1',
    { parts },
    {
      children: Object.fromEntries(parts.map(([objective], i) => [String(i), objective])),
      needs: {
        entropies: parts.some(([{ needs }]) => needs?.entropies),
        values: parts.some(([{ needs }]) => needs?.values),
        sampled: parts.some(([{ needs }]) => needs?.sampled),
        references,
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
