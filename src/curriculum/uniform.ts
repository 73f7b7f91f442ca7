import { type Curriculum, described, InputError, type Json, type Task } from '../core/index.ts';

/**
 * Every task once in a seeded order, then again in a new one: plain epochs. The state is the place in the order and the
 * stream behind it.
 */
export function uniform(): Curriculum {
  return described(
    'uniform',
    '1',
    {},
    {
      create: ({ tasks, groups, random }: Parameters<Curriculum['create']>[0]) => {
        if (tasks.length === 0) throw new InputError('there are no tasks to train on');
        let epoch = 0;
        let place = 0;
        const shuffled = (of: number) =>
          random.fork('epoch', of).shuffle(Int32Array.from(tasks, (_, i) => i));
        let order = shuffled(0);
        return {
          next: (n: number): Task[] =>
            Array.from({ length: n }, () => {
              if (place === order.length) {
                place = 0;
                order = shuffled(++epoch);
              }
              return tasks[order[place++]!]!;
            }),
          observe: <G>(kept: G) => kept,
          wants: (kept: number) => Math.max(0, groups - kept),
          save: (): Json => ({ epoch, place }),
          load: (saved: Json) => {
            ({ epoch, place } = saved as { epoch: number; place: number });
            order = shuffled(epoch);
          },
        };
      },
    },
  );
}
