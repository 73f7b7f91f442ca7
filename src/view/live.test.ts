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
  /** Reads a stream of events until enough of them came. */
  async function events(from: string, until: (all: { event: string; data: never }[]) => boolean) {
    const controller = new AbortController();
    const response = await fetch(`${served.root}${from}`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toMatch(/text\/event-stream/);
    const all: { event: string; data: never }[] = [];
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      rest += chunk;
      const blocks = rest.split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const [, event] = /^event: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        if (event) all.push({ event, data: JSON.parse(data!) as never });
      }
      if (until(all)) break;
    }
    controller.abort();
    return all;
  }

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
    const listed = events('/live', (all) =>
      all.some(({ event, data }) => event === 'run' && (data as api.RunRow).status === 'finished'),
    );
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
      { stdio: 'inherit' },
    );
    const ended = new Promise((done) => child.on('exit', done));
    while ((await fetch(`${served.root}/runs/written-now`)).status !== 200)
      await new Promise((done) => setTimeout(done, 50));
    const all = await events(
      '/live?run=written-now&from=-1',
      (seen) =>
        seen.some(({ event, data }) => event === 'run' && (data as api.RunRow).status === 'finished') &&
        seen.filter(({ event }) => event === 'step').length === 4,
    );
    const steps = all.filter(({ event }) => event === 'step').map(({ data }) => api.liveStep.parse(data));
    expect(steps.map(({ step, metrics }) => [step, metrics.reward])).toEqual([
      [0, 0],
      [1, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
    for (const { event, data } of all) if (event === 'run') api.runRow.parse(data);
    expect((await listed).filter(({ event }) => event === 'run').length).toBeGreaterThan(1);
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
    const heard = events(`/live?run=${run}&from=4`, (all) => all.some(({ event }) => event === 'gone'));
    await new Promise((done) => setTimeout(done, 600));
    store.resumeRun(run, 1);
    store.writeStep({ run, step: 2, stage: 'a', metrics: { reward: 20 } });
    await new Promise((done) => setTimeout(done, 900));
    const after = await served.get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(after.series.reward!.mean).toEqual([0, 1, 20]);
    store.deleteRun(run);
    store.close();
    const all = await heard;
    expect(all.find(({ event }) => event === 'truncated')!.data).toEqual({ last: 1 });
    expect(
      all.filter(({ event }) => event === 'step').map(({ data }) => (data as api.LiveStep).step),
    ).toEqual([2]);
    expect(all.at(-1)).toEqual({ event: 'gone', data: { id: run } });
  });
});
