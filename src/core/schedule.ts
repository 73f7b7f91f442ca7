import type { Described } from './json.ts';

/** A number that changes with the step of the run. */
export interface Schedule extends Described {
  readonly name: string;
  at(step: number, totalSteps: number): number;
}

export type ScheduleLike = number | Schedule;

/** The value of a number or schedule at a step (0-based). */
export function scheduleAt(schedule: ScheduleLike, step: number, totalSteps: number): number {
  return typeof schedule === 'number' ? schedule : schedule.at(step, totalSteps);
}

function make(name: string, options: unknown, at: Schedule['at']): Schedule {
  return { name, version: '1', options, at };
}

/** From `from` to `to` over `steps` steps (the whole run when left out), then constant. */
export function linear(options: { from: number; to: number; steps?: number }): Schedule {
  const { from, to } = options;
  return make('linear', options, (step, total) => {
    const span = options.steps ?? Math.max(1, total - 1);
    return from + (to - from) * Math.min(1, Math.max(0, step / span));
  });
}

/** from · exp(−step / constant), never below `floor`. */
export function exponential(options: { from: number; constant: number; floor?: number }): Schedule {
  return make('exponential', options, (step) =>
    Math.max(options.floor ?? 0, options.from * Math.exp(-step / options.constant)),
  );
}

/** Half a cosine from `from` to `to` over the run or over `steps`, then constant. */
export function cosine(options: { from: number; to: number; steps?: number }): Schedule {
  const { from, to } = options;
  return make('cosine', options, (step, total) => {
    const share = Math.min(1, Math.max(0, step / (options.steps ?? Math.max(1, total - 1))));
    return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * share));
  });
}

/** The value of the last entry whose step has come: `piecewise([[0, 1], [100, 0.5]])`. */
export function piecewise(entries: readonly (readonly [step: number, value: ScheduleLike])[]): Schedule {
  if (entries.length === 0 || entries[0]![0] > 0)
    throw new RangeError('piecewise: the first entry must be at step 0');
  return make('piecewise', { entries }, (step, total) => {
    let current = entries[0]![1];
    for (const [from, value] of entries) if (step >= from) current = value;
    return scheduleAt(current, step, total);
  });
}

/** A schedule times a number. */
export function scaled(by: number, schedule: Schedule): Schedule {
  return make('scaled', { by, schedule }, (step, total) => by * schedule.at(step, total));
}

/** Linear from 0 to 1 over `steps`, times another schedule: a warm-up. */
export function warmup(steps: number, then: ScheduleLike): Schedule {
  return make(
    'warmup',
    { steps, then },
    (step, total) => Math.min(1, (step + 1) / Math.max(1, steps)) * scheduleAt(then, step, total),
  );
}
