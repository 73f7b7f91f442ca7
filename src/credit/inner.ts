import { type Estimator, hasMethod, InputError, shownValue, withMethod } from '../core/index.ts';

/** An estimator among the options of another one. */
export const estimatorOption = withMethod<Estimator>('estimate', 'an estimator');

/** Throws InputError where what an estimator is made of is none. */
export function requireEstimator(inner: unknown, of: string): asserts inner is Estimator {
  if (!hasMethod(inner, 'estimate'))
    throw new InputError(`${of}: expected an estimator, not ${shownValue(inner)}`);
}

/** What an estimator that passes another's terms on gives: the same. */
export function termsOf({ terms }: Pick<Estimator, 'terms'>): Pick<Estimator, 'terms'> {
  return terms ? { terms } : {};
}
