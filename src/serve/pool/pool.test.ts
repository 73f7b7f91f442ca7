import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from './pool.ts';
import { Queue } from './queue.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let pool: Pool;
afterEach(() => pool?.close());

const start = (over: object = {}) =>
  createPool({
    source: { config: join(import.meta.dirname, '../fixtures/config.ts') },
    workers: 2,
    seconds: 1,
    memory: 64,
    fuel: 1e6,
    queue: 1000,
    queueSeconds: 30,
    ...over,
  });
const unit = (completion: string) => ({
  reward: 'acting',
  samples: [{ id: '0', task: { id: '0', prompt: '' }, turns: [{ completion }] }],
});

describe('the pool', () => {
  test('what waits behind a sample that spins goes on before that one ends', async () => {
    pool = await start({ seconds: 3 });
    const ended: string[] = [];
    const run = (text: string) => pool.score(unit(text)).then(() => ended.push(text));
    const spinning = run('loop');
    await Promise.all(Array.from({ length: 100 }, (_, i) => run(`ok ${i}`)));
    expect(ended).toHaveLength(100);
    expect(ended).not.toContain('loop');
    await spinning;
    expect(pool.replaced).toBe(1);
    expect(pool.load).toBe(0);
  });

  test('every unit gets one verdict, whoever ends the threads in between', async () => {
    pool = await start({ seconds: 1 });
    const texts = Array.from({ length: 60 }, (_, i) =>
      i % 12 === 5 ? ['exit', 'loop', 'never'][i % 3]! : 'fine',
    );
    const scored = await Promise.all(texts.map((text) => pool.score(unit(text))));
    for (const [
      i,
      {
        verdicts: [verdict],
      },
    ] of scored.entries())
      if (texts[i] === 'fine') expect(verdict!.value).toBe(4);
      else expect(verdict!.value).toBeNull();
    expect(pool.load).toBe(0);
  });

  test('what its caller left, and what waits too long, is no verdict (overload)', async () => {
    pool = await start({ workers: 1, queueSeconds: 0.2 });
    const controller = new AbortController();
    const first = pool.score(unit('loop'));
    const left = pool.score(unit('fine'), controller.signal);
    controller.abort();
    expect((await left).verdicts[0]).toMatchObject({ value: null, cause: 'overload' });
    expect((await pool.score(unit('fine'))).verdicts[0]).toMatchObject({ value: null, cause: 'overload' });
    expect((await first).verdicts[0]).toMatchObject({ cause: 'timeout' });
  });

  test('closing ends what is under way', async () => {
    pool = await start({ workers: 1, seconds: 60 });
    const spinning = pool.score(unit('loop'));
    await pool.close();
    expect((await spinning).verdicts[0]).toMatchObject({ value: null, cause: 'overload' });
    expect(pool.hasRoom(1)).toBe(false);
  });

  test('rewards that cannot be loaded are an input error', async () => {
    await expect(start({ source: { rewards: { a: 'nowhere' } } })).rejects.toThrow(
      "no reward is called 'nowhere'",
    );
    await expect(start({ source: { rewards: { a: 'math', b: 'nowhere' } } })).rejects.toThrow(
      "field 'rewards.b': no reward is called 'nowhere'",
    );
    await expect(start({ source: { config: '/nowhere.ts' } })).rejects.toThrow('cannot be loaded');
  });
});

test('the queue keeps its order, over many and when some are put back', () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 5000; i++) queue.push(i);
  const out = Array.from({ length: 3000 }, () => queue.shift());
  expect(out).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  queue.putBack([1, 2]);
  expect([queue.peek(), queue.length]).toEqual([1, 2002]);
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([1, 2, 3000]);
});
