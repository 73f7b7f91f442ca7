import type { Fuel } from '../../core/fuel.ts';
import type { Form } from './form.ts';
import type { MathOptions } from './options.ts';
import type { Node } from './tree.ts';
import { compareValues, type Finding, type ValueOptions } from './value.ts';

/** What a comparison needs besides the two sides. */
export interface Context {
  readonly fuel: Fuel;
  readonly options: MathOptions;
  /** Normal forms already computed for this pair, by node. */
  readonly forms: Map<Node, Form | undefined>;
}

export const same: Finding = { equal: true, proved: true };

export function differs(why: string): Finding {
  return { equal: false, proved: true, why };
}

/** Equal only if all are; proved only if all are. */
export function all(findings: Iterable<Finding>): Finding {
  let proved = true;
  for (const finding of findings) {
    if (!finding.equal) return finding;
    proved &&= finding.proved;
  }
  return proved ? same : { equal: true, proved: false };
}

export function valueOptions(context: Context): ValueOptions {
  return {
    fuel: context.fuel,
    forms: context.forms,
    log: context.options.log,
    looseDegrees: context.options.degrees === 'optional',
  };
}

/** Two expressions as values, without units, percents or tolerances. */
export function sameValue(a: Node, b: Node, context: Context): Finding {
  return compareValues(a, b, valueOptions(context));
}
