import { z } from 'zod';
import { InputError } from './errors.ts';
import type { Described } from './json.ts';
import { hasMethod, parseOptions, shownValue } from './options.ts';

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

/** A finite number or a schedule. */
export function isScheduleLike(value: unknown): value is ScheduleLike {
  return Number.isFinite(value) || (hasMethod(value, 'at') && typeof (value as Schedule).name === 'string');
}

/** The same as a schema, for the options of a factory. */
export const scheduleLike = z.custom<ScheduleLike>(isScheduleLike, {
  error: ({ input }) => `expected a number or a schedule, not ${shownValue(input)}`,
});

/** The options of the schedules that have any, by name: `linear`, `exponential`, `cosine`. */
export const scheduleOptions = {
  linear: z.object({ from: z.number(), to: z.number(), steps: z.number().positive().optional() }),
  exponential: z.object({ from: z.number(), constant: z.number().positive(), floor: z.number().optional() }),
  cosine: z.object({ from: z.number(), to: z.number(), steps: z.number().positive().optional() }),
} as const;

/** From `from` to `to` over `steps` steps (the whole run when left out), then constant. */
export function linear(options: { from: number; to: number; steps?: number }): Schedule {
  const { from, to, steps } = parseOptions(scheduleOptions.linear, options, "schedule 'linear'");
  return make('linear', options, (step, total) => {
    const span = steps ?? Math.max(1, total - 1);
    return from + (to - from) * Math.min(1, Math.max(0, step / span));
  });
}

/** from · exp(−step / constant), never below `floor`. */
export function exponential(options: { from: number; constant: number; floor?: number }): Schedule {
  const { from, constant, floor } = parseOptions(
    scheduleOptions.exponential,
    options,
    "schedule 'exponential'",
  );
  return make('exponential', options, (step) => Math.max(floor ?? 0, from * Math.exp(-step / constant)));
}

/** Half a cosine from `from` to `to` over the run or over `steps`, then constant. */
export function cosine(options: { from: number; to: number; steps?: number }): Schedule {
  const { from, to, steps } = parseOptions(scheduleOptions.cosine, options, "schedule 'cosine'");
  return make('cosine', options, (step, total) => {
    const share = Math.min(1, Math.max(0, step / (steps ?? Math.max(1, total - 1))));
    return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * share));
  });
}

/** The value of the last entry whose step has come: `piecewise([[0, 1], [100, 0.5]])`; their steps must rise. */
export function piecewise(entries: readonly (readonly [step: number, value: ScheduleLike])[]): Schedule {
  if (entries.length === 0 || entries[0]![0] > 0)
    throw new RangeError('piecewise: the first entry must be at step 0');
  entries.forEach(([step, value], i) => {
    if (!Number.isFinite(step) || (i > 0 && !(step > entries[i - 1]![0])))
      throw new InputError(`schedule 'piecewise': entry ${i}: the steps must rise, not be ${step}`);
    if (!isScheduleLike(value))
      throw new InputError(`schedule 'piecewise': entry ${i}: ${notASchedule(value)}`);
  });
  return make('piecewise', { entries }, (step, total) => {
    let current = entries[0]![1];
    for (const [from, value] of entries) if (step >= from) current = value;
    return scheduleAt(current, step, total);
  });
}

/** A schedule times a number. */
export function scaled(by: number, schedule: Schedule): Schedule {
  if (!Number.isFinite(by))
    throw new InputError(`schedule 'scaled': expected a number, not ${shownValue(by)}`);
  if (typeof schedule === 'number' || !isScheduleLike(schedule))
    throw new InputError(`schedule 'scaled': expected a schedule, not ${shownValue(schedule)}`);
  return make('scaled', { by, schedule }, (step, total) => by * schedule.at(step, total));
}

/** Linear from 0 to 1 over `steps`, times another schedule: a warm-up. */
export function warmup(steps: number, then: ScheduleLike): Schedule {
  if (!(Number.isFinite(steps) && steps >= 0))
    throw new InputError(`schedule 'warmup': expected a number of steps, not ${shownValue(steps)}`);
  if (!isScheduleLike(then)) throw new InputError(`schedule 'warmup': ${notASchedule(then)}`);
  return make(
    'warmup',
    { steps, then },
    (step, total) => Math.min(1, (step + 1) / Math.max(1, steps)) * scheduleAt(then, step, total),
  );
}

function notASchedule(value: unknown): string {
  return `expected a number or a schedule, not ${shownValue(value)}`;
}
