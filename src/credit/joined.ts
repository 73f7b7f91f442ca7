import type { Credit, Estimator } from '../core/index.ts';

/** What an estimator made of these needs, and its children. */
export function joinedNeeds(children: {
  readonly [name: string]: Estimator;
}): Pick<Estimator, 'needs' | 'children'> {
  const all = Object.values(children);
  const references = [...new Set(all.flatMap(({ needs }) => needs?.references ?? []))];
  return {
    needs: {
      values: all.some(({ needs }) => needs?.values),
      ...(references.length > 0 && { references }),
    },
    children,
  };
}

/**
 * What several estimators said besides their terms: a sample that any of them masks leaves the gradient; returns and roles are those
 * of the first that has any.
 */
export function joinedCredit(credits: readonly Credit[]): Omit<Credit, 'terms'> {
  const masks = credits.flatMap(({ mask }) => mask ?? []);
  const mask = masks.length > 0 ? masks[0]!.map((_, i) => Math.min(...masks.map((m) => m[i]!))) : undefined;
  const returns = credits.find((credit) => credit.returns)?.returns;
  const roles = credits.find((credit) => credit.roles)?.roles;
  return {
    metrics: Object.assign({}, ...credits.map(({ metrics }) => metrics)) as Credit['metrics'],
    ...(mask && { mask }),
    ...(returns && { returns }),
    ...(roles && { roles }),
  };
}
