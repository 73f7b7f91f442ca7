import {
  described,
  type LearningContext,
  type Objective,
  type Role,
  type TokenBatch,
} from '../core/index.ts';

/**
 * An objective on the sequences with these roles alone: `onlyRoles(crossEntropy(), ['chosen'])` is the generation term of MPO.
 * Its means are over those sequences of the batch.
 */
export function onlyRoles(inner: Objective, roles: readonly Role[]): Objective {
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
