import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Verdict } from '../core/index.ts';
import { type GroupCollector, groupCollector } from './groups.ts';
import type { PlainSample } from './pool/protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Scores a group by the texts in it, which is what it was given. */
const collector = () =>
  groupCollector(10, async (_, samples) => {
    const texts = samples.map(({ turns }) => turns[0]!.completion).join('');
    return samples.map((): Verdict => ({ value: samples.length, reason: texts }));
  });

const sample = (completion: string, task: object = {}, id?: string): PlainSample => ({
  ...(id !== undefined && { id }),
  task: { prompt: 'p', answer: 1, ...task },
  turns: [{ completion }],
});

const join = (
  to: GroupCollector,
  one: PlainSample,
  { size = 2, request = {}, signal }: { size?: number; request?: object; signal?: AbortSignal } = {},
) => to.join({ reward: 'r', group: { id: 'g', size }, sample: one, request, signal });

test('a sample whose caller left is not in its group', async () => {
  const groups = collector();
  const caller = new AbortController();
  const first = join(groups, sample('A'), { signal: caller.signal });
  caller.abort();
  expect(await first).toMatchObject({ value: null, cause: 'overload' });
  expect(groups.waiting).toBe(0);
  expect(await join(groups, sample('A'), { signal: caller.signal })).toMatchObject({ cause: 'overload' });
  const again = join(groups, sample('A'));
  expect(groups.waiting).toBe(1);
  expect(await join(groups, sample('Z'))).toMatchObject({ value: 2, reason: 'AZ' });
  expect(await again).toMatchObject({ value: 2, reason: 'AZ' });
  expect(groups.waiting).toBe(0);
});

test('a sample that comes again by another request takes its own place', async () => {
  const groups = collector();
  const first = join(groups, sample('A', {}, 'a'));
  const again = join(groups, sample('A', {}, 'a'));
  expect(await first).toMatchObject({
    value: null,
    cause: 'unsupported',
    reason: "another request brought the sample 'a' of this group again",
  });
  expect(groups.waiting).toBe(1);
  await join(groups, sample('Z', {}, 'z'));
  expect(await again).toMatchObject({ value: 2, reason: 'AZ' });
});

test('the samples of one request may share an id, which is then that of the row', async () => {
  const groups = collector();
  const request = {};
  const both = ['A', 'B'].map((text) => join(groups, sample(text, {}, 'row'), { request }));
  expect((await Promise.all(both)).map(({ reason }) => reason)).toEqual(['AB', 'AB']);
});

test('other prompts and references under the same id are other groups', async () => {
  const groups = collector();
  const all = [
    join(groups, sample('A')),
    join(groups, sample('B', { prompt: 'q' })),
    join(groups, sample('C', { answer: 2 })),
    join(groups, sample('D')),
  ];
  expect(groups.waiting).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await Promise.all(all)).map(({ reason }) => reason)).toEqual([
    'AD',
    "1 of 2 samples of group 'g' came in time",
    "1 of 2 samples of group 'g' came in time",
    'AD',
  ]);
  expect(groups.waiting).toBe(0);
});

test("going down is nobody in the group's fault", async () => {
  const groups = collector();
  const one = join(groups, sample('A'));
  groups.close();
  expect(await one).toMatchObject({ value: null, cause: 'overload' });
  expect(groups.waiting).toBe(0);
});

test('once closed, only groups that are whole at once are scored', async () => {
  vi.useRealTimers();
  const groups = collector();
  const before = join(groups, sample('A'));
  groups.close();
  expect(await before).toMatchObject({ value: null, cause: 'overload', reason: 'the server is going down' });
  const whole = [join(groups, sample('A')), join(groups, sample('Z'))];
  expect(await Promise.all(whole)).toMatchObject([{ value: 2 }, { value: 2 }]);
  expect(await join(groups, sample('A'))).toMatchObject({ cause: 'overload' });
  expect(groups.waiting).toBe(0);
});
