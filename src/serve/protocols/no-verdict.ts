import type { Verdict } from '../../core/index.ts';
import { Refused } from '../routes.ts';

/** What a protocol says that knows only numbers: an error, or a number in place of no verdict. */
export type NoVerdictPolicy = 'error' | number;

/**
 * The number of a verdict, or the policy's. Throws Refused where the policy is 'error': 503 for what may pass (timeout,
 * crash, judge, overload), 422 for what will not (reference, unsupported). Never a number that nobody asked for.
 */
export function numberOr(verdict: Verdict, policy: NoVerdictPolicy): number {
  if (verdict.value !== null) return verdict.value;
  if (policy !== 'error') return policy;
  throw new Refused(
    statusOf(verdict),
    `no verdict (${verdict.cause}): ${verdict.reason ?? 'no reason given'}`,
    `no verdict (${verdict.cause})`,
  );
}

/** The status of no verdict: 503 for what may pass, 422 for what will not. */
export function statusOf({ cause }: Verdict): 422 | 503 {
  return cause === 'reference' || cause === 'unsupported' ? 422 : 503;
}
