import { noVerdict, type Reward, verdict } from '../core/index.ts';
import { details, inOrder } from './cascade-parts.ts';
import type { Parts } from './parts.ts';

/**
 * The first part that gives a verdict decides; the next is asked only where those before it gave none. No verdict, with
 * the cause of the last, where none of them did.
 */
export function first(parts: Parts): Reward {
  return inOrder(
    'first',
    parts,
    {},
    (asked) => [...asked.values()].every(({ value }) => value === null),
    (asked) => {
      let last = noVerdict('unsupported', 'no part was asked');
      for (const [name, one] of asked) {
        if (one.value !== null)
          return verdict(one.value, `${name}: ${one.reason ?? one.value}`, details(asked, one));
        last = noVerdict(one.cause!, `${name}: ${one.reason ?? 'no verdict'}`, details(asked));
      }
      return last;
    },
  );
}
