import {
  type Advantages,
  type Batch,
  type Credit,
  described,
  type Estimator,
  InputError,
  type LearningContext,
} from '../core/index.ts';

/**
 * Several estimators side by side, each giving a term of its own name: `terms({ policy: grpo(), distil: rewardMask() })`.
 * A sample that any of them masks leaves the gradient. Returns are those of the first that has any.
 */
export function terms(named: { readonly [term: string]: Estimator }): Estimator {
  const entries = Object.entries(named);
  if (entries.length === 0) throw new InputError("estimator 'terms' needs at least one term");
  const references = [...new Set(entries.flatMap(([, { needs }]) => needs?.references ?? []))];
  return described('terms', '1', named, {
    needs: {
      values: entries.some(([, { needs }]) => needs?.values),
      ...(references.length > 0 && { references }),
    },
    children: named,
    estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
      const out: Record<string, Advantages> = {};
      const metrics: Record<string, number> = {};
      let mask: Uint8Array | undefined;
      let returns: Advantages | undefined;
      for (const [name, estimator] of entries) {
        const credit = estimator.estimate(batch, context);
        const [only] = Object.values(credit.terms);
        if (Object.keys(credit.terms).length === 1) out[name] = only!;
        else for (const [inner, term] of Object.entries(credit.terms)) out[`${name}.${inner}`] = term;
        Object.assign(metrics, credit.metrics);
        const { mask: own } = credit;
        if (own) mask = mask ? mask.map((m, i) => m & own[i]!) : own;
        returns ??= credit.returns;
      }
      return { terms: out, metrics, ...(mask && { mask }), ...(returns && { returns }) };
    },
  });
}
