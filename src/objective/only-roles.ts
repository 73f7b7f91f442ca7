import {
  described,
  InputError,
  type LearningContext,
  type Objective,
  type Role,
  roleNames,
  type TokenBatch,
} from '../core/index.ts';
import { requireObjective } from './inner.ts';

/**
 * An objective on the samples with these roles alone: `onlyRoles(crossEntropy(), ['chosen'])` is the generation term of MPO.
 * Its means are over those samples of the batch.
 */
export function onlyRoles(inner: Objective, roles: readonly Role[]): Objective {
  requireObjective(inner, "objective 'onlyRoles'");
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every((role) => roleNames.includes(role)))
    throw new InputError(`objective 'onlyRoles': expected roles among ${roleNames.join(', ')}`);
  return described(
    'onlyRoles',
    '1',
    { inner, roles },
    {
      needs: inner.needs,
      children: { inner },
      loss: (batch: TokenBatch, context: LearningContext) => {
        if (!batch.roles) throw new RangeError('the batch has no roles');
        const mask = batch.mask.slice();
        for (const [s, role] of batch.roles.entries())
          if (role === undefined || !roles.includes(role)) mask.fill(0, batch.starts[s], batch.starts[s + 1]);
        return inner.loss({ ...batch, mask, totals: undefined }, context);
      },
    },
  );
}
