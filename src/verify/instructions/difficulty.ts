/** Light-IF sorts prompts by how often the base model solves them: to learn from at once, to train on, or last. */
export type PromptClass = 'pass' | 'easy' | 'hard';

/** Least pass rates. The paper gives the three names and no numbers; these are ours. */
export interface PromptClassOptions {
  /** From here on rejection sampling finds correct answers: the source of the cold start. Default 0.5. */
  readonly pass?: number;
  /** From here on a prompt is in the first stage of training, below it in the last. Default 0.125. */
  readonly easy?: number;
}

/**
 * The class of each prompt by its pass rate in [0, 1] from repeated sampling (Light-IF section 3; thresholds inferred).
 * A rate that is NaN, because nothing could be judged, gives undefined.
 */
export function promptClasses(
  rates: readonly number[],
  options: PromptClassOptions = {},
): (PromptClass | undefined)[] {
  const { pass = 0.5, easy = 0.125 } = options;
  if (!(easy >= 0 && easy <= pass && pass <= 1))
    throw new RangeError(`thresholds must rise from 0 to 1: easy ${easy}, pass ${pass}`);
  return rates.map((rate) => {
    if (Number.isNaN(rate)) return undefined;
    if (rate < 0 || rate > 1) throw new RangeError(`a pass rate is between 0 and 1, not ${rate}`);
    return rate >= pass ? 'pass' : rate >= easy ? 'easy' : 'hard';
  });
}
