import { promptText } from '../core/task.ts';
import { toWire } from '../core/verdict.ts';
import { type Range, trainSplit } from './records.ts';
import type { Store } from './store.ts';

/** A run's steps as JSON lines: `{ run, step, stage, time, metrics, clock }`. NaN is null, infinities are words. */
export function* stepLines(store: Store, run: string, range: Range = {}): Generator<string> {
  for (const { step, stage, time, metrics, clock } of store.steps(run, range))
    yield `${JSON.stringify({ run, step, stage, time, metrics, clock }, keepInfinity)}\n`;
}

/**
 * A run's samples as JSON lines: where they stand, task, what was said, and the verdict in its wire shape (`reward`, `parts`, spans
 * in code points). `completion` is the text of the last turn; all turns are there when there are several. In the order of
 * steps.
 */
export function* sampleLines(
  store: Store,
  run: string,
  options: Range & { readonly split?: string } = {},
): Generator<string> {
  const split = options.split ?? trainSplit;
  for (const step of store.sampleSteps(run, { ...options, split }))
    for (const sample of store.samples(run, step, { split })) {
      const { task, turns, verdict, advantages } = sample;
      yield `${JSON.stringify({
        run,
        step,
        split,
        group: sample.group,
        id: sample.id,
        task: task.id,
        prompt: promptText(task.prompt),
        answer: task.answer,
        completion: turns.at(-1)?.text,
        finish: turns.at(-1)?.finish,
        turns: turns.length > 1 ? turns : undefined,
        length: sample.length,
        logprob: sample.logprob,
        advantages: Object.keys(advantages).length > 0 ? advantages : undefined,
        ...(verdict &&
          toWire(
            verdict,
            turns.map(({ text }) => text),
          )),
      })}\n`;
    }
}

/** The jobs of a reproduction as JSON lines, by seed and arm. NaN is null, infinities are words. */
export function* jobLines(store: Store, reproduction: string): Generator<string> {
  for (const job of store.reproductions.jobs(reproduction))
    yield `${JSON.stringify({ reproduction, ...job }, keepInfinity)}\n`;
}

function keepInfinity(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? String(value) : value;
}
