import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatchList, createMatchLists } from './match-list.ts';

/** Steps of some samples each, of which some match: in order, or the other way round. */
const matching = fc.tuple(
  fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), { maxLength: 12 }),
  fc.constantFrom('asc' as const, 'desc' as const),
);

describe('a list of matches', () => {
  it('gives any stretch of what was added, in order', () => {
    fc.assert(
      fc.property(matching, fc.nat(60), (drawn, offset) => {
        const [steps, order] = drawn;
        const all = steps.flatMap((samples, step) =>
          samples.flatMap((matches, position) => (matches ? [{ step, position }] : [])),
        );
        if (order === 'desc') all.reverse();
        const list = createMatchList(order);
        for (const { step, position } of all)
          list.add({ step, position, after: position }, steps[step]!.length);
        expect(list.found).toBe(all.length);
        expect(list.last).toEqual(
          all.length === 0 ? undefined : { ...all.at(-1)!, after: all.at(-1)!.position },
        );
        expect([...list.from(offset)]).toEqual(all.slice(offset));
      }),
    );
  });

  it('goes on after a pause, and leaves out samples that are gone', () => {
    const list = createMatchList('asc');
    list.add({ step: 3, after: 4 }, 4);
    expect([list.found, list.last]).toEqual([0, { step: 3, after: 4 }]);
    list.add({ step: 4, position: 7, after: 7 }, 4);
    list.add({ step: 4, position: 1, after: 1 }, 4);
    expect([list.found, [...list.from(0)]]).toEqual([1, [{ step: 4, position: 1 }]]);
  });

  it('takes a bit a sample, and the lists together no more than they may', () => {
    const list = createMatchList('asc');
    for (let i = 0; i < 100_000; i++)
      list.add({ step: Math.floor(i / 1000), position: i % 1000, after: 0 }, 1000);
    expect(list.bytes).toBeLessThan(40_000);
    const lists = createMatchLists({ lists: 3, bytes: 50_000 });
    const [first, second] = [lists.get('first', 'asc'), lists.get('second', 'asc')];
    expect(lists.get('first', 'asc')).toBe(first);
    lists.get('third', 'asc');
    lists.get('fourth', 'asc');
    expect(lists.get('first', 'asc')).toBe(first);
    expect(lists.get('second', 'asc')).not.toBe(second);
    for (let i = 0; i < 2000; i++) first.add({ step: i, position: 0, after: 0 }, 1);
    lists.get('fifth', 'asc');
    expect(lists.get('first', 'asc')).not.toBe(first);
  });
});
