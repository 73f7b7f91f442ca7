import { finalText, type RewardContext, type Sample, type Verdict, verdict } from '../core/index.ts';

/**
 * The text that is checked: the last turn's completion. One longer than the fuel of a check is the candidate's own fault:
 * `tooLong` is then its verdict, the minimum.
 */
export function candidateText(
  sample: Sample<unknown>,
  context: RewardContext,
  minimum = 0,
): { readonly text: string; readonly tooLong?: Verdict } {
  const text = finalText(sample);
  if (text.length <= context.fuel) return { text };
  const reason = `the completion has ${text.length} characters, the limit is ${context.fuel}`;
  return { text: '', tooLong: verdict(minimum, reason) };
}
