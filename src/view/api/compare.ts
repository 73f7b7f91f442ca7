/** `GET /compare`: runs as arms over their seeds. */
import { z } from 'zod';
import { interval, json } from './common.ts';
import { list, name, number, wholeParam } from './fields.ts';
import { metric } from './run.ts';
import { runRow } from './runs.ts';

export const compareQuery = z.strictObject({
  /** Runs, 1 to 50. */
  run: list(name, 50),
  /** Metrics, as in `series`. */
  metric: list(name, 20),
  /** What makes an arm: runs alike in recipe and arm are its seeds; or each run alone. */
  by: z.enum(['arm', 'run']).default('arm'),
  points: wholeParam(2, 5000).default(300),
});
export type CompareQuery = z.input<typeof compareQuery>;

export const compareAnswer = z.object({
  /** In the order of the runs. The first is what the others are compared with. */
  arms: z.array(
    z.object({
      /** `countdown · main`, or the run's id. */
      name: z.string(),
      /** One a seed: the newest. */
      runs: z.array(runRow),
      /** Older runs of these seeds, which are not counted: a seed run twice is not two seeds. */
      older: z.array(runRow),
      /** By metric: mean over seeds and its 95 % interval (null where there is one seed) at each bucket of steps. */
      series: z.record(
        z.string(),
        z.object({
          steps: z.array(z.number()),
          mean: z.array(number),
          low: z.array(number),
          high: z.array(number),
          /** Seeds that have a value there. */
          n: z.array(z.number()),
        }),
      ),
      /** Over seeds: `untrained`, `before`, `after`, `gain`, `seconds`. `values` are in the order of `runs`. */
      outcomes: z.record(z.string(), z.object({ ...interval.shape, values: z.array(number) })),
    }),
  ),
  /** Each arm's `after` less the first arm's: paired where both have the same seeds. */
  differences: z.array(
    z.object({ arm: z.string(), over: z.string(), paired: z.boolean(), ...interval.shape }),
  ),
  /** Where the recipes differ: a dotted path and each run's value (undefined: not there). At most 500. */
  config: z.array(z.object({ path: z.string(), values: z.record(z.string(), json) })),
  /** Every metric that one of the runs has. */
  metrics: z.array(metric),
});
export type CompareAnswer = z.output<typeof compareAnswer>;
