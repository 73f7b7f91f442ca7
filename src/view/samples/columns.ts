import type { Store } from '../../store/index.ts';

/** Steps that are looked at: parts may come and go between tasks. */
const looked = 12;
const hidden = new Set(['group', 'cause', 'finish']);

/** The numbers that samples of a split can be filtered by, as far as some of its steps tell. */
export function columnsOf(store: Store, run: string, split: string, steps: readonly number[]): string[] {
  const names = new Set<string>();
  const every = Math.max(1, Math.ceil(steps.length / looked));
  for (let i = 0; i < steps.length; i += every)
    for (const { columns } of store.columns(run, undefined, { split, from: steps[i], to: steps[i] }))
      for (const name of columns.keys()) if (!hidden.has(name)) names.add(name);
  const place = (name: string) => ['value', 'length', 'logprob'].indexOf(name) + 1 || 9;
  return [...names].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
