import { z } from 'zod';
import {
  type Curriculum,
  described,
  functionOf,
  type Group,
  InputError,
  type Json,
  numberOrInfinity,
  parseOptions,
  type Random,
  scheduleAt,
  scheduleLike,
  type Task,
} from '../core/index.ts';
import { groupMean } from './group-values.ts';
import { shuffledPool } from './pool.ts';

const rampSchema = z.object({
  /** Which tasks are of the kind. */
  kind: functionOf<(task: Task) => boolean>('a task'),
  /** Their share, by step: `linear({ from: 0, to: 0.5, steps: 100 })`; from 0 to 1 at once is a hard switch (medcco). */
  share: scheduleLike.refine(
    (share) => typeof share !== 'number' || (share >= 0 && share <= 1),
    'must be from 0 to 1',
  ),
  /** Steps of the run, for schedules that span it. */
  steps: z.int().min(1),
});

export type RampOptions = z.input<typeof rampSchema>;

/** Two kinds of tasks with a share that changes. A step is as many draws as the recipe has groups; refills count as draws. */
export function ramp(options: RampOptions): Curriculum {
  const { kind, share, steps } = parseOptions(rampSchema, options, "curriculum 'ramp'");
  return described(
    'ramp',
    '1',
    { kind, share, steps },
    {
      create: ({ tasks, groups, random }: Parameters<Curriculum['create']>[0]) => {
        const sides = [tasks.filter((task) => !kind(task)), tasks.filter(kind)];
        if (tasks.length === 0) throw new InputError('there are no tasks to train on');
        const pools = sides.map((own, k) => shuffledPool(own.length, random.fork('side', k)));
        let drawn = 0;
        let owed = 0;
        return {
          next: (n: number): Task[] => {
            const now = Math.min(1, Math.max(0, scheduleAt(share, Math.floor(drawn / groups), steps)));
            // What rounding keeps back is owed to the next draw, so that small shares are not lost.
            const wanted = n * now + owed;
            const most =
              sides[1]!.length === 0
                ? 0
                : sides[0]!.length === 0
                  ? n
                  : Math.min(n, Math.floor(wanted + 1e-9));
            owed = sides.every((side) => side.length > 0) ? Math.min(1, wanted - most) : 0;
            drawn += n;
            return [n - most, most].flatMap((count, k) => pools[k]!.draw(count).map((i) => sides[k]![i]!));
          },
          observe: <G>(kept: G) => kept,
          wants: (kept: number) => Math.max(0, groups - kept),
          save: (): Json => ({ drawn, owed, pools: pools.map((pool) => pool.save()) }),
          load: (saved: Json) => {
            const from = saved as { drawn: number; owed: number; pools: readonly Json[] };
            ({ drawn, owed } = from);
            pools.forEach((pool, k) => {
              pool.load(from.pools[k]!);
            });
          },
        };
      },
    },
  );
}

const promotionSchema = z.object({
  /** The level of a task, 0 first; undefined leaves it out. */
  level: functionOf<(task: Task) => number | undefined>('a task'),
  /** The next level comes when the mean over `window` steps reaches this, or after `limit` steps of a level. */
  at: z.number(),
  window: z.int().min(1).default(10),
  limit: numberOrInfinity.refine((limit) => limit >= 1, 'must be 1 or more').default(Infinity),
  /** Share of draws from earlier levels. */
  replay: z.number().min(0).max(1).default(0),
  /** Read this part of the verdict; its value when left out. */
  part: z.string().min(1).optional(),
});

export type PromotionOptions = z.input<typeof promotionSchema>;

/** Levels one after another, each until its reward is good enough or its time is up (CRAFT-GUI), with a share of replay. */
export function promotion(options: PromotionOptions): Curriculum {
  const parsed = parseOptions(promotionSchema, options, "curriculum 'promotion'");
  const { level, at, window, limit, replay, part } = parsed;
  return described(
    'promotion',
    '1',
    { ...options, window, limit, replay },
    {
      ...(part !== undefined && { reads: [part] }),
      create: ({ tasks, groups, random }: Parameters<Curriculum['create']>[0]) => {
        const numbers = [...new Set(tasks.map(level))].filter((n) => n !== undefined).sort((a, b) => a - b);
        const levels = numbers.map((n) => tasks.filter((task) => level(task) === n));
        if (levels.length === 0) throw new InputError('no task has a level');
        const pools = levels.map((own, k) => shuffledPool(own.length, random.fork('level', k)));
        let mixer: Random = random.fork('replay');
        let current = 0;
        let means: number[] = [];
        let steps = 0;
        return {
          next: (n: number): Task[] =>
            Array.from({ length: n }, () => {
              const back = current > 0 && replay > 0 && mixer.next() < replay;
              const k = back ? mixer.integer(current) : current;
              return levels[k]![pools[k]!.draw(1)[0]!]!;
            }),
          observe: <G extends readonly Group<unknown>[]>(seen: G): G => {
            const own = seen.filter(({ task }) => level(task) === numbers[current]);
            const found = own.map((group) => groupMean(group, part)).filter((mean) => mean !== undefined);
            if (found.length > 0) means.push(found.reduce((sum, x) => sum + x, 0) / found.length);
            if (means.length > window) means.shift();
            steps++;
            const moving = means.reduce((sum, x) => sum + x, 0) / means.length;
            if (current + 1 < levels.length && ((means.length >= window && moving >= at) || steps >= limit)) {
              current++;
              means = [];
              steps = 0;
            }
            return seen;
          },
          wants: (kept: number) => Math.max(0, groups - kept),
          get metrics() {
            return { level: numbers[current]! };
          },
          save: (): Json => ({
            current,
            means,
            steps,
            mixer: mixer.save(),
            pools: pools.map((pool) => pool.save()),
          }),
          load: (saved: Json) => {
            const from = structuredClone(saved) as unknown as {
              current: number;
              means: number[];
              steps: number;
              mixer: ReturnType<Random['save']>;
              pools: Json[];
            };
            ({ current, means, steps } = from);
            mixer = random.fork('replay');
            mixer.load(from.mixer);
            pools.forEach((pool, k) => {
              pool.load(from.pools[k]!);
            });
          },
        };
      },
    },
  );
}
