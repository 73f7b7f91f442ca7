import {
  Fuel,
  noVerdict,
  OutOfFuel,
  oneLine,
  type Random,
  stream,
  type Verdict,
  verdict,
} from '../core/index.ts';

export interface ExecutionEquivalenceOptions<Program, Input, Output> {
  /**
   * What a program gives for an input; undefined where it gives nothing, as it does not compile or fails. It may spend the fuel.
   * Anything else that it throws is the runner's own fault.
   */
  readonly run: (program: Program, input: Input, fuel: Fuel) => Output | undefined;
  readonly draw: (random: Random) => Input;
  /** How many inputs are drawn. Default 200. */
  readonly runs?: number;
  readonly seed?: number | string;
  /** When two outputs are the same. Default `===`, and NaN is NaN. */
  readonly equal?: (a: Output, b: Output) => boolean;
  /** Operations that one run may spend, of the candidate and of the reference each. Default 10,000. */
  readonly fuel?: number;
}

/**
 * Whether two programs agree on `runs` seeded random inputs (Wu et al. 2025, OORL: how equivalent and mutated IR is told apart):
 * 1 if on all of them, 0 with the first input on which they do not. Inputs are drawn one by one, so that fewer runs are the
 * first of more. A candidate without an output, or out of fuel, is not equivalent; a reference without one is no verdict
 * (`reference`), and what the runner throws is its `crash`. Agreement on random inputs is no proof.
 */
export function executionEquivalence<Program, Input, Output>({
  run,
  draw,
  runs = 200,
  seed = 0,
  equal = (a, b) => a === b || Object.is(a, b),
  fuel = 10_000,
}: ExecutionEquivalenceOptions<Program, Input, Output>): (candidate: Program, reference: Program) => Verdict {
  if (!(Number.isInteger(runs) && runs >= 1)) throw new RangeError(`runs must be 1 or more, not ${runs}`);
  const inputs = Array.from({ length: runs }, (_, i) => draw(stream(seed, 'tests', i)));
  const outcome = (program: Program, input: Input): Output | undefined => {
    try {
      return run(program, input, new Fuel(fuel));
    } catch (thrown) {
      if (thrown instanceof OutOfFuel) return undefined;
      throw thrown;
    }
  };
  return (candidate, reference) => {
    try {
      for (const [i, input] of inputs.entries()) {
        const expected = outcome(reference, input);
        if (expected === undefined)
          return noVerdict('reference', `the reference gives nothing for ${shown(input)}`);
        const got = outcome(candidate, input);
        if (got === undefined) return verdict(0, `gives nothing for ${shown(input)}`);
        if (!equal(got, expected))
          return verdict(
            0,
            `run ${i + 1}: ${shown(got)} for ${shown(input)}, the reference ${shown(expected)}`,
          );
      }
    } catch (thrown) {
      return noVerdict('crash', oneLine(thrown));
    }
    return verdict(1, `equal on ${runs} random inputs`);
  };
}

/** A value in a reason: short, whatever it is. */
function shown(value: unknown): string {
  const json = (_: string, part: unknown) => (typeof part === 'bigint' ? String(part) : part);
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value, json) : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
