import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/index.ts';
import * as api from './api.ts';
import { type Served, serveLetters } from './fixtures/served.ts';

let served: Served;
beforeAll(async () => {
  served = await serveLetters();
});
afterAll(() => served.close());

describe('live', () => {
  type Heard = { readonly event: string; readonly data: never }[];

  /**
   * A stream of events, connected when this resolves: the server has looked once by then. `until` waits for as long as it takes and
   * gives all events so far.
   */
  async function listen(from: string) {
    const controller = new AbortController();
    const response = await fetch(`${served.root}${from}`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toMatch(/text\/event-stream/);
    const stream = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    const all: Heard = [];
    let rest = '';
    return {
      until: async (enough: (all: Heard) => boolean): Promise<Heard> => {
        while (!enough(all)) {
          const { value, done } = await stream.next();
          if (done) throw new Error('the stream ended');
          const blocks = (rest + value).split('\n\n');
          rest = blocks.pop()!;
          for (const block of blocks) {
            const [, event] = /^event: (.*)$/m.exec(block) ?? [];
            const [, data] = /^data: (.*)$/m.exec(block) ?? [];
            if (event) all.push({ event, data: JSON.parse(data!) as never });
          }
        }
        return all;
      },
      close: () => controller.abort(),
    };
  }
  const hasFinished = (all: Heard) =>
    all.some(({ event, data }) => event === 'run' && (data as api.RunRow).status === 'finished');

  it('follows a run that another process writes', async () => {
    const script = `
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../store/index.ts'))};
      import { setTimeout as sleep } from 'node:timers/promises';
      const store = openStore(${JSON.stringify(served.path)});
      const run = store.createRun({ id: 'written-now', recipe: 'written', config: {}, seed: 1, steps: 4 });
      for (let step = 0; step < 4; step++) {
        await sleep(300);
        store.writeStep({ run, step, stage: 'a', metrics: { reward: step / 4 } });
      }
      store.event({ run, step: 3, kind: 'note', body: 'done' });
      store.finishRun(run, 'finished');
      store.close();
    `;
    const list = await listen('/live');
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
      { stdio: 'inherit' },
    );
    const ended = new Promise((done) => child.on('exit', done));
    while ((await fetch(`${served.root}/runs/written-now`)).status !== 200)
      await new Promise((done) => setTimeout(done, 50));
    const own = await listen('/live?run=written-now&from=-1');
    const all = await own.until(
      (seen) => hasFinished(seen) && seen.filter(({ event }) => event === 'step').length === 4,
    );
    own.close();
    const steps = all.filter(({ event }) => event === 'step').map(({ data }) => api.liveStep.parse(data));
    expect(steps.map(({ step, metrics }) => [step, metrics.reward])).toEqual([
      [0, 0],
      [1, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
    for (const { event, data } of all) if (event === 'run') api.runRow.parse(data);
    const listed = await list.until(hasFinished);
    list.close();
    expect(
      listed.every(({ event, data }) => event === 'run' && (data as api.RunRow).id === 'written-now'),
    ).toBe(true);
    expect(await ended).toBe(0);
    const { series } = await served.get('/runs/written-now/series?name=reward', api.seriesAnswer);
    expect(series.reward!.mean).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('tells of a run that is deleted and of steps that a resume dropped', async () => {
    const store = openStore(served.path);
    const run = store.createRun({ recipe: 'resumed', config: {}, seed: 1, steps: 9 });
    for (let step = 0; step < 5; step++)
      store.writeStep({ run, step, stage: 'a', metrics: { reward: step } });
    const before = await served.get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(before.series.reward!.mean).toEqual([0, 1, 2, 3, 4]);
    const own = await listen(`/live?run=${run}&from=4`);
    store.resumeRun(run, 1);
    store.writeStep({ run, step: 2, stage: 'a', metrics: { reward: 20 } });
    await own.until((all) => all.some(({ event }) => event === 'step'));
    const after = await served.get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(after.series.reward!.mean).toEqual([0, 1, 20]);
    store.deleteRun(run);
    store.close();
    const all = await own.until((seen) => seen.some(({ event }) => event === 'gone'));
    own.close();
    expect(all.find(({ event }) => event === 'truncated')!.data).toEqual({ last: 1 });
    expect(
      all.filter(({ event }) => event === 'step').map(({ data }) => (data as api.LiveStep).step),
    ).toEqual([2]);
    expect(all.at(-1)).toEqual({ event: 'gone', data: { id: run } });
  });
});
