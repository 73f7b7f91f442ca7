import { hasMethod, InputError, type Objective, shownValue } from '../core/index.ts';

/** Throws InputError where what an objective is made of is none. */
export function requireObjective(inner: unknown, of: string): asserts inner is Objective {
  if (!hasMethod(inner, 'loss'))
    throw new InputError(`${of}: expected an objective, not ${shownValue(inner)}`);
}
