import type { Prompt, Task } from './task.ts';
import type { Verdict } from './verdict.ts';

/** Why a completion ended: a stop token or string, the token limit, a constraint that left nothing, or an abort. */
export type Finish = 'stop' | 'length' | 'constraint' | 'abort';

/** What an engine said. A completion that came as text alone (a file, a request) has empty `tokens` and `logprobs`. */
export interface Completion {
  readonly text: string;
  /** Token ids as sampled, an ending stop token included. */
  readonly tokens: Int32Array;
  /** Per token, the natural log-probability under the distribution that was sampled from. */
  readonly logprobs: Float64Array;
  /** Per token, where its text starts: UTF-16 code units. */
  readonly offsets?: Int32Array;
  /** Tokens; undefined when the text came without them. */
  readonly length?: number;
  readonly finish: Finish;
  /** Place in beam order, 0 is first. */
  readonly rank?: number;
  /** How many leading tokens were given (prefill) and not sampled; they never enter the loss. */
  readonly prefilled?: number;
}

/** One exchange. It owns the exact context that it was sampled from; later edits of a history cannot change it. */
export interface Turn<Context = Prompt> {
  readonly context: Context;
  readonly completion: Completion;
  /** What the world answered. */
  readonly observation?: string;
  /** Per token, 1 where it may be trained on; all ones when left out (but for prefilled tokens). */
  readonly mask?: Uint8Array;
  /** Named rewards from a world. */
  readonly rewards?: { readonly [name: string]: number };
  /** Per token, what the critic said before the update; written by the loop where an estimator needs it. */
  values?: Float64Array;
  /** Per token, log-probabilities under named references; written by the loop where an estimator needs them. */
  references?: { readonly [name: string]: Float64Array };
}

/** One attempt at a task. */
export interface Sample<Context = Prompt> {
  readonly id: string;
  readonly task: Task;
  readonly turns: readonly Turn<Context>[];
  /** Set by scoring. */
  verdict?: Verdict;
}

/** All attempts at one task that were sampled together. */
export interface Group<Context = Prompt> {
  readonly task: Task;
  readonly samples: Sample<Context>[];
  /** G×G row-major: how much sample i is preferred to j; antisymmetric; NaN is no verdict. Written by pairwise rewards. */
  preferences?: Float64Array;
}

export interface Batch<Context = Prompt> {
  readonly groups: Group<Context>[];
}

const noTokens = new Int32Array(0);
const noLogprobs = new Float64Array(0);

/** A completion that came as text, from a file, a request or a test; with the number of its tokens where it is known. */
export function textCompletion(text: string, length?: number): Completion {
  const completion = { text, tokens: noTokens, logprobs: noLogprobs, finish: 'stop' } as const;
  return length === undefined ? completion : { ...completion, length };
}

/** A sample of one such completion. */
export function textSample(task: Task, text: string, id: string = task.id, length?: number): Sample {
  return { id, task, turns: [{ context: task.prompt, completion: textCompletion(text, length) }] };
}

/** The text of a sample's last turn: what most rewards read. */
export function finalText(sample: Sample<unknown>): string {
  return sample.turns[sample.turns.length - 1]?.completion.text ?? '';
}

/** All samples of a batch, group by group: the order of every flat array over samples. */
export function samplesOf<Context>(batch: Batch<Context>): Sample<Context>[] {
  return batch.groups.flatMap((group) => group.samples);
}

/** Length in tokens of all that the policy said in a sample, or undefined when any turn came as text alone. */
export function sampleLength(sample: Sample<unknown>): number | undefined {
  let total = 0;
  for (const { completion } of sample.turns) {
    if (completion.length === undefined) return undefined;
    total += completion.length;
  }
  return total;
}

/**
 * Which tokens of a turn may be trained on: its mask, without the prefilled tokens. Where neither says otherwise, all. The
 * turn's own array is returned where it can be; do not write to it.
 */
export function trainedMask({ completion, mask }: Turn<unknown>): Uint8Array {
  if (mask && mask.length === completion.tokens.length && !completion.prefilled) return mask;
  const out = mask ? Uint8Array.from(mask) : new Uint8Array(completion.tokens.length).fill(1);
  out.fill(0, 0, completion.prefilled ?? 0);
  return out;
}
