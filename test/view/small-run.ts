/** A short real run for the dashboard's tests: parts, a span, some samples without a verdict, token advantages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import countdown from '../../recipes/countdown.ts';
import { finalText, type Json, noVerdict, type Sample, type Verdict, verdict } from '../../src/core/index.ts';
import { weighted } from '../../src/shape/index.ts';
import { type Store, writeFileAtomic } from '../../src/store/index.ts';
import { type Recipe, recipe, train } from '../../src/train/index.ts';
import { countdown as countdownReward } from '../../src/verify/index.ts';

/** Short answers are better; the checker cannot read the sign ':' and says so. */
function short(sample: Sample<unknown>): Verdict {
  const text = finalText(sample as Sample);
  if (text.includes(':')) return noVerdict('unsupported', "the sign ':' is not supported");
  const value = Math.max(0, 1 - text.length / 12);
  return verdict(value, `${text.length} characters`, {
    spans: [{ start: 0, end: Math.min(2, text.length), value, part: 'short', at: 'each' }],
  });
}

const base = countdown.recipe;

/** Countdown, much smaller: the same tasks, engine and estimator, a few steps. */
export function smallRecipe(steps: number, warmSteps = 6): Recipe {
  return recipe({
    ...base,
    name: 'countdown-small',
    warmStart: { ...base.warmStart!, steps: warmSteps, batch: 16 },
    reward: weighted({ correct: countdownReward({ operators: '+-' }), short: [short, 0.2] }),
    groups: 6,
    samples: 4,
    steps,
    evaluation: { every: 3, tasks: 20 },
    checkpoint: { every: 3 },
    arms: undefined,
    expected: undefined,
  });
}

/** Trains it into the store and returns the run's id. */
export async function smallRun(store: Store, folder: string, seed: number, arm?: string): Promise<string> {
  const { run } = await train(smallRecipe(6), { seed, store, folder, threads: 1, arm });
  return run;
}

/** The result of a reproduction that the repository holds, as `reproduce --out` writes it. */
export async function smallReproduction(folder: string): Promise<void> {
  const path = join(import.meta.dirname, '../../docs/reproductions/countdown.json');
  await writeFileAtomic(join(folder, 'reproductions', 'countdown.json'), readFileSync(path));
}

/** What a model might say to a page that shows it: markup, script, controls, a turned direction, a very long line. */
export const hostileTexts = {
  script: '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2"><b>bold</b>',
  direction: 'pay \u202eevil\u202c \u2066left\u2069 \u0000 \u001b[31mred \u05e9\u05dc\u05d5\u05dd',
  long: `${'x'.repeat(1 << 20)}the end`,
  address: 'javascript:window.hacked=3',
};

/** A run whose model is hostile, written as the loop writes one. */
export function hostileRun(store: Store): string {
  const hostile = '"><script>window.hacked=4</script>';
  const run = store.createRun({
    recipe: `hostile ${hostile}`,
    config: { note: hostile } as Json,
    seed: 1,
    steps: 1,
    tags: [hostile],
  });
  const task = { id: hostile, prompt: hostileTexts.script, answer: hostile };
  const samples = Object.entries(hostileTexts).map(
    ([name, text]): Sample<unknown> => ({
      id: name,
      task,
      turns: [
        {
          context: task.prompt,
          completion: { text, tokens: new Int32Array(0), logprobs: new Float64Array(0), finish: 'stop' },
        },
      ],
      verdict: verdict(0, hostile, { parts: { [hostile]: verdict(1, hostile) } }),
    }),
  );
  store.writeStep({
    run,
    step: 0,
    stage: hostile,
    metrics: { reward: 0, [`part.${hostile}`]: 1 },
    groups: [{ task, samples }],
  });
  store.event({ run, step: 0, kind: 'note', body: { text: hostile } });
  store.finishRun(run, 'finished');
  return run;
}
