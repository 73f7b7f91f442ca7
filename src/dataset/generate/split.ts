import { InputError, type Random, type Task } from '../../core/index.ts';

/**
 * Draws distinct tasks for two splits that share no problem: held-out first, then training from what is left. Tasks are
 * the same problem when their ids are equal. Throws InputError when the space is too small.
 */
export function drawSplits(
  draw: (random: Random) => Task,
  counts: { readonly train: number; readonly evaluate: number },
  random: Random,
  name: string,
): { train: Task[]; evaluate: Task[] } {
  const seen = new Set<string>();
  const take = (split: 'train' | 'evaluate'): Task[] => {
    const out: Task[] = [];
    const from = random.fork(split);
    for (let tries = 0; out.length < counts[split] && tries < 100 * counts[split] + 10_000; tries++) {
      const task = draw(from);
      if (seen.has(task.id)) continue;
      seen.add(task.id);
      out.push(task);
    }
    if (out.length < counts[split])
      throw new InputError(
        `tasks '${name}': only ${out.length} ${split} problems were found, ${counts[split]} asked`,
      );
    return out;
  };
  const evaluate = take('evaluate');
  return { evaluate, train: take('train') };
}
