import {
  type Advantages,
  type Batch,
  type Credit,
  described,
  type Estimator,
  InputError,
  type LearningContext,
} from '../core/index.ts';
import { requireEstimator } from './inner.ts';
import { joinedCredit, joinedNeeds } from './joined.ts';

/**
 * Several estimators side by side, each giving a term of its own name: `terms({ policy: grpo(), distil: rewardMask() })`.
 * A sample that any of them masks leaves the gradient. Returns and roles are those of the first that has any.
 */
export function terms(named: { readonly [term: string]: Estimator }): Estimator {
  const entries = Object.entries(named);
  if (entries.length === 0) throw new InputError("estimator 'terms' needs at least one term");
  for (const [name, estimator] of entries) requireEstimator(estimator, `estimator 'terms': term '${name}'`);
  const names = entries.map(
    ([name, { terms: own }]) => own && (own.length === 1 ? [name] : own.map((inner) => `${name}.${inner}`)),
  );
  return described('terms', '1', named, {
    ...joinedNeeds(named),
    ...(names.every((own) => own !== undefined) && { terms: names.flat() }),
    estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
      const credits = entries.map(([, estimator]) => estimator.estimate(batch, context));
      const out: Record<string, Advantages> = {};
      credits.forEach((credit, k) => {
        const name = entries[k]![0];
        const [only] = Object.values(credit.terms);
        if (Object.keys(credit.terms).length === 1) out[name] = only!;
        else for (const [inner, term] of Object.entries(credit.terms)) out[`${name}.${inner}`] = term;
      });
      return { terms: out, ...joinedCredit(credits) };
    },
  });
}
