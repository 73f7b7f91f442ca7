import { z } from 'zod';
import {
  type Curriculum,
  described,
  functionOf,
  InputError,
  type Json,
  parseOptions,
  type Task,
} from '../core/index.ts';
import { apportion } from './domain-weights.ts';
import { keyOf, taskKey } from './levels.ts';
import { shuffledPool } from './pool.ts';

const balancedSchema = z.object({
  /** What tasks are sorted into classes by. */
  by: taskKey.default('domain'),
});

export type BalancedOptions = z.input<typeof balancedSchema>;

/** Equal shares of every class in each draw; the remainder goes round over the classes. Within a class: epochs. */
export function balanced(options: BalancedOptions = {}): Curriculum {
  const { by } = parseOptions(balancedSchema, options, "curriculum 'balanced'");
  return described(
    'balanced',
    '1',
    { by },
    {
      create: ({ tasks, groups, random }: Parameters<Curriculum['create']>[0]) => {
        if (tasks.length === 0) throw new InputError('there are no tasks to train on');
        const names = [...new Set(tasks.map((task) => keyOf(task, by)))].sort();
        const members = names.map((name) => tasks.filter((task) => keyOf(task, by) === name));
        const pools = members.map((own, d) => shuffledPool(own.length, random.fork('class', names[d]!)));
        let turn = 0;
        return {
          next: (n: number): Task[] => {
            const counts = apportion(new Array(names.length).fill(1 / names.length), n);
            const rest = n % names.length;
            const drawn = names.flatMap((_, k) => {
              const d = (turn + k) % names.length;
              return pools[d]!.draw(counts[k]!).map((i) => members[d]![i]!);
            });
            turn = (turn + rest) % names.length;
            return drawn;
          },
          observe: <G>(kept: G) => kept,
          wants: (kept: number) => Math.max(0, groups - kept),
          save: (): Json => ({ turn, pools: pools.map((pool) => pool.save()) }),
          load: (saved: Json) => {
            const from = saved as { turn: number; pools: readonly Json[] };
            turn = from.turn;
            pools.forEach((pool, d) => {
              pool.load(from.pools[d]!);
            });
          },
        };
      },
    },
  );
}

const orderedSchema = z.object({
  /** What tasks are ordered by; their difficulty when left out. Tasks without a score come last. */
  by: functionOf<(task: Task) => number | undefined>('a task').optional(),
  direction: z.enum(['rising', 'falling']).default('rising'),
});

export type OrderedOptions = z.input<typeof orderedSchema>;

/** Tasks in the order of a score, from the start to the end, and again. Equal ones keep their order. */
export function ordered(options: OrderedOptions = {}): Curriculum {
  const parsed = parseOptions(orderedSchema, options, "curriculum 'ordered'");
  const { by = ({ difficulty }) => difficulty, direction }: OrderedOptions = parsed;
  return described(
    'ordered',
    '1',
    { by, direction },
    {
      create: ({ tasks, groups }: Parameters<Curriculum['create']>[0]) => {
        if (tasks.length === 0) throw new InputError('there are no tasks to train on');
        const sign = direction === 'rising' ? 1 : -1;
        const score = (task: Task) => sign * (by(task) ?? sign * Number.POSITIVE_INFINITY);
        const scored = tasks.map((task, i) => ({ task, i, score: score(task) }));
        scored.sort((a, b) => (a.score === b.score ? a.i - b.i : a.score - b.score));
        let place = 0;
        return {
          next: (n: number): Task[] => Array.from({ length: n }, () => scored[place++ % scored.length]!.task),
          observe: <G>(kept: G) => kept,
          wants: (kept: number) => Math.max(0, groups - kept),
          save: (): Json => ({ place }),
          load: (saved: Json) => {
            ({ place } = saved as { place: number });
          },
        };
      },
    },
  );
}
