import { finalText, lift, noVerdict, type Reward, type Task, verdict } from 'assay/core';
import { fencedBlock } from 'assay/parse';

export interface RuleRewardOptions<Input, Output> {
  /** Compiles a program and runs it; undefined where it does not compile. */
  readonly run: (code: string, input: Input) => Output | undefined;
  /** The unit tests of a task; an output that is undefined is the reference's fault. */
  readonly tests: (task: Task) => readonly { readonly input: Input; readonly output: Output | undefined }[];
  /** The format: the program stands in a fenced block, as a model answers (default), or is the whole completion. */
  readonly fenced?: boolean;
}

/**
 * The paper's reward: 1 if the format is right, the program compiles and every unit test passes, else 0. The part `silent` is 1
 * for an error that only the tests show: it compiles, and is wrong.
 */
export function ruleReward<Input, Output>({
  run,
  tests,
  fenced = true,
}: RuleRewardOptions<Input, Output>): Reward {
  return lift(function passes(sample) {
    const failed = (reason: string, silent: 0 | 1) =>
      verdict(0, reason, { parts: { silent: { value: silent } } });
    const all = tests(sample.task);
    if (all.length === 0 || all.some(({ output }) => output === undefined))
      return noVerdict('reference', 'the task has no sound tests');
    const text = finalText(sample);
    const code = fenced ? fencedBlock(text)?.value : text;
    if (code === undefined) return failed('no fenced block', 0);
    const results = all.map(({ input, output }) => ({ got: run(code, input), output }));
    if (results.some(({ got }) => got === undefined)) return failed('does not compile', 0);
    const passed = results.filter(({ got, output }) => got === output).length;
    return passed < all.length
      ? failed(`${passed} of ${all.length} tests pass`, 1)
      : verdict(1, 'all tests pass', { parts: { silent: { value: 0 } } });
  });
}
