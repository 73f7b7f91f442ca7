import type { Reward, RewardLike } from '../core/index.ts';
import { compose, missing, shown, valued } from './compose.ts';
import { requireParts } from './parts.ts';

/**
 * κ·rule + (1 − κ)·model, κ the confidence of the rule's verdict (1 where it says none): a rule that is sure leaves the model
 * no say (HARMO). A rule without a verdict leaves it all to the model; a model without one is needed only where κ < 1.
 */
export function blend(parts: { readonly rule: RewardLike; readonly model: RewardLike }): Reward {
  requireParts('blend', parts, ['rule', 'model']);
  return compose({
    name: 'blend',
    options: {},
    parts: { rule: parts.rule, model: parts.model },
    combine: (columns, samples) =>
      samples.map((_, i) => {
        const own = { rule: columns.rule[i]!, model: columns.model[i]! };
        const kappa = own.rule.value === null ? 0 : (own.rule.confidence ?? 1);
        if (kappa < 1 && own.model.value === null) return missing('model', own.model);
        const value = kappa * (own.rule.value ?? 0) + (kappa < 1 ? (1 - kappa) * own.model.value! : 0);
        return valued(value, `the rule's confidence is ${shown(kappa)}`, own);
      }),
  });
}
