import type { Tape, Value } from './tape.ts';

export interface HeadOptions {
  readonly temperature: number;
  readonly entropies: boolean;
  readonly values: boolean;
  /** Whether there is a way back. */
  readonly tape: boolean;
}

export interface HeadPass {
  readonly logprobs: Float64Array;
  readonly entropies?: Float64Array;
  readonly values?: Float64Array;
  /** Adds to the gradient at a place; the tape is then released. */
  backward(
    gradients: number,
    given: { dLogprob?: Float64Array; dEntropy?: Float64Array; dValue?: Float64Array },
  ): void;
  release(): void;
}

/**
 * The ends of a tape: log-probabilities of `tokens` from rows of logits, and values from rows of one number. Without
 * logits, log-probabilities are zeros.
 */
export function headPass(
  tape: Tape,
  tokens: Int32Array,
  logits: Value | undefined,
  values: Value | undefined,
  options: HeadOptions,
): HeadPass {
  const { kernels } = tape;
  const n = tokens.length;
  const columns = logits?.columns ?? 0;
  const wanted = tape.integers(tokens);
  const lse = tape.take(n);
  const logprobs = tape.take(n);
  const entropies = options.entropies ? tape.take(n) : 0;
  if (logits)
    kernels.logSoftmax(logprobs, entropies, lse, logits.at, wanted, n, columns, options.temperature);
  else kernels.fill(logprobs, 0, n);

  const read = (at: number) => Float64Array.from(kernels.floats.subarray(at, at + n));
  const result = {
    logprobs: read(logprobs),
    entropies: options.entropies ? read(entropies) : undefined,
    values: options.values ? read(values!.at) : undefined,
  };
  if (!options.tape) tape.release();
  return {
    ...result,
    backward(gradients, { dLogprob, dEntropy, dValue }) {
      const write = (at: number, data: Float64Array | undefined) => {
        if (data) kernels.floats.set(data, at);
        else kernels.fill(at, 0, n);
        return at;
      };
      // Both heads are on the tape, so both need a gradient, be it zero.
      if (logits) {
        const up = write(tape.take(n), dLogprob);
        const upEntropy = dEntropy ? write(tape.take(n), dEntropy) : 0;
        logits.gradient = logits.at; // in place
        kernels.logSoftmaxBackward(
          logits.at,
          lse,
          wanted,
          up,
          entropies,
          upEntropy,
          n,
          columns,
          options.temperature,
        );
      }
      if (values) write(tape.seed(values), dValue);
      tape.backward(gradients);
      tape.release();
    },
    release: () => tape.release(),
  };
}
