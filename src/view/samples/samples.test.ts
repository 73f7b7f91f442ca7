import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verdict } from '../../core/index.ts';
import { openStore } from '../../store/index.ts';
import * as api from '../api.ts';
import { type Served, serveLetters } from '../fixtures/served.ts';

let served: Served;
beforeAll(async () => {
  served = await serveLetters();
});
afterAll(() => served.close());

const placeOf = ({ step, position }: api.SampleRow) => `${step}/${position}`;

/** A list by offset when it is complete: a busy machine needs several requests, and so does an index that is being made. */
async function whole(query: string, run = served.main): Promise<api.SamplesAnswer> {
  for (;;) {
    const answer = await served.get(`/runs/${run}/samples?${query}`, api.samplesAnswer);
    if (answer.total !== null) return answer;
    expect(answer.index?.state ?? 'ready').not.toBe('failed');
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** All pages of a walk by cursor, once the text index is complete. */
async function walk(query: string): Promise<api.SampleRow[]> {
  await whole(`${query}&offset=0&limit=1`);
  const samples: api.SampleRow[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: api.SamplesAnswer = await served.get(
      `/runs/${served.main}/samples?limit=500&${query}${cursor && `&cursor=${cursor}`}`,
      api.samplesAnswer,
    );
    samples.push(...page.samples);
    cursor = page.next;
  }
  return samples;
}

describe('groups and samples', () => {
  it('shows the groups of a step with parts, spans and advantages', async () => {
    const answer = await served.get(`/runs/${served.main}/groups?step=0`, api.groupsAnswer);
    expect(answer).toMatchObject({ total: 4, previous: null, next: 1, stage: 'reinforce' });
    expect(answer.groups.map(({ samples }) => samples.length)).toEqual([8, 8, 8, 8]);
    const first = answer.groups[0]!.samples[0]!;
    expect(first.verdict!.parts).toMatchObject({ correct: { value: expect.any(Number) } });
    expect(first.verdict!.spans).toEqual([
      { start: 0, end: 2, part: 'correct', at: 'each', value: expect.any(Number) },
    ]);
    expect(first.advantages.policy).toBeTypeOf('number');
    expect(first.turns[0]!.completion).toMatchObject({ cut: false });
    const silent = answer.groups
      .flatMap(({ samples }) => samples)
      .filter(({ verdict: said }) => said?.value === null);
    for (const one of silent)
      expect(one.verdict).toMatchObject({ cause: 'judge', reason: 'the judge was away' });
    expect(
      (await served.get(`/runs/${served.main}/groups?step=29&limit=1&offset=2`, api.groupsAnswer)).groups,
    ).toHaveLength(1);
    expect(await served.get(`/runs/${served.main}/groups?step=500`, api.groupsAnswer)).toMatchObject({
      total: 0,
      previous: 29,
    });
    const held = await served.get(
      `/runs/${served.main}/groups?step=29&split=heldout.after`,
      api.groupsAnswer,
    );
    expect(held.groups.every(({ samples }) => samples.length === 1)).toBe(true);
  });

  it('gives one sample, and says which steps have some', async () => {
    const { sample, task } = await served.get(
      `/runs/${served.main}/sample?step=3&position=9`,
      api.sampleAnswer,
    );
    expect(sample).toMatchObject({ step: 3, position: 9, group: 1 });
    expect(task.prompt.text).toMatch(/^question \d: /);
    const { steps, columns, splits } = await served.get(`/runs/${served.main}/steps`, api.stepsAnswer);
    expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(columns).toEqual(['value', 'length', 'logprob', 'advantage:policy', 'part:brief', 'part:correct']);
    expect(splits).toContain('heldout.after');
    expect(await served.refused(`/runs/${served.main}/sample?step=3&position=900`)).toEqual([
      404,
      expect.stringMatching(/no sample 900/),
    ]);
  });

  it('walks through all samples in order, either way', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: api.SamplesAnswer = await served.get(
          `/runs/${served.main}/samples?limit=77&order=${order}${cursor && `&cursor=${cursor}`}`,
          api.samplesAnswer,
        );
        expect(page.total).toBe(30 * 32);
        seen.push(...page.samples.map(({ step, position }) => `${step}/${position}`));
        cursor = page.next;
      }
      const all = Array.from({ length: 30 * 32 }, (_, i) => `${Math.floor(i / 32)}/${i % 32}`);
      expect(seen).toEqual(order === 'asc' ? all : all.reverse());
    }
  });

  it('jumps to any place of a filtered list, counted exactly', async () => {
    const queries = [
      'cause=none',
      'zeroVariance=false&from=3',
      'column=part:correct&above=1&to=20',
      'text=alpha',
      'text=alpha&zeroVariance=false',
      'text=nowhere',
      'cause=timeout',
      'finish=stop&from=500',
    ];
    for (const query of queries.flatMap((one) => [`${one}&order=asc`, `${one}&order=desc`])) {
      const walked = (await walk(query)).map(placeOf);
      const listed = await whole(`${query}&offset=0&limit=1`);
      expect([query, listed.total, listed.found]).toEqual([query, walked.length, walked.length]);
      for (const offset of [1, Math.floor(walked.length / 2), walked.length]) {
        const { samples, next } = await whole(`${query}&offset=${offset}&limit=20`);
        expect([query, offset, samples.map(placeOf)]).toEqual([
          query,
          offset,
          walked.slice(offset, offset + 20),
        ]);
        expect(next).toBeNull();
      }
    }
  });

  it('lets a filtered list grow and shrink with a run that writes', async () => {
    const store = openStore(served.path);
    const run = store.createRun({ recipe: 'growing', config: {}, seed: 1, steps: 9 });
    const write = (step: number, text: string) => {
      const task = { id: 't', prompt: 'say it' };
      const samples = [0, 1, 2].map((i) => ({
        id: `${step}/${i}`,
        task,
        turns: [
          {
            context: task.prompt,
            completion: {
              text: `${text} ${step} ${i}`,
              tokens: new Int32Array(0),
              logprobs: new Float64Array(0),
              finish: 'stop' as const,
            },
          },
        ],
        verdict: verdict(i === 1 ? 1 : 0),
      }));
      store.writeStep({ run, step, stage: 'a', metrics: { reward: 1 / 3 }, groups: [{ task, samples }] });
    };
    const said = async (query: string) =>
      (await whole(`${query}&offset=0`, run)).samples.map(({ completion }) => completion);
    write(0, 'first');
    write(1, 'first');
    for (const query of ['column=value&above=1', 'text=say&column=value&above=1']) {
      expect(await said(query)).toEqual(['first 0 1', 'first 1 1']);
      expect(await said(`${query}&order=desc`)).toEqual(['first 1 1', 'first 0 1']);
    }
    write(2, 'first');
    for (const query of ['column=value&above=1', 'text=say&column=value&above=1']) {
      expect(await said(query)).toEqual(['first 0 1', 'first 1 1', 'first 2 1']);
      expect(await said(`${query}&order=desc`)).toEqual(['first 2 1', 'first 1 1', 'first 0 1']);
    }
    store.resumeRun(run, 0);
    write(1, 'again');
    for (const query of ['column=value&above=1', 'text=say&column=value&above=1'])
      expect(await said(query)).toEqual(['first 0 1', 'again 1 1']);
    store.deleteRun(run);
    store.close();
  });

  it('jumps to any place of an unfiltered list', async () => {
    for (const [order, offset, wanted] of [
      ['asc', 0, '0/0'],
      ['asc', 100, '3/4'],
      ['desc', 33, '28/30'],
    ] as const) {
      const { samples } = await served.get(
        `/runs/${served.main}/samples?limit=1&order=${order}&offset=${offset}`,
        api.samplesAnswer,
      );
      expect(samples.map(({ step, position }) => `${step}/${position}`)).toEqual([wanted]);
    }
    expect((await served.get(`/runs/${served.main}/samples?offset=5000`, api.samplesAnswer)).samples).toEqual(
      [],
    );
    expect(await served.refused(`/runs/${served.main}/samples?offset=5&cursor=s:1:1`)).toEqual([
      400,
      expect.stringContaining("field 'offset'"),
    ]);
  });

  it('filters by parts, disagreement, cause, finish and variance', async () => {
    const store = openStore(served.path, { readOnly: true });
    const stored = store.sampleSteps(served.main).flatMap((step) => store.samples(served.main, step));
    store.close();
    const found = async (query: string) => {
      const out: api.SampleRow[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: api.SamplesAnswer = await served.get(
          `/runs/${served.main}/samples?limit=500&${query}${cursor && `&cursor=${cursor}`}`,
          api.samplesAnswer,
        );
        out.push(...page.samples);
        cursor = page.next;
      }
      return out;
    };
    const right = stored.filter(({ verdict: said }) => said?.parts?.correct?.value === 1);
    expect(await found('column=part:correct&above=1')).toHaveLength(right.length);
    const silent = stored.filter(({ verdict: said }) => said?.value === null);
    expect(silent.length).toBeGreaterThan(0);
    expect(await found('cause=judge')).toHaveLength(silent.length);
    expect(await found('cause=any')).toHaveLength(silent.length);
    expect(await found('cause=timeout')).toHaveLength(0);
    expect(await found('cause=none')).toHaveLength(stored.length - silent.length);
    const apart = stored.filter(
      ({ verdict: said }) => said?.parts && said.parts.correct!.value !== said.parts.brief!.value,
    );
    expect(await found('first=part:correct&second=part:brief')).toHaveLength(apart.length);
    expect(await found('finish=length&from=3&to=4')).toHaveLength(
      stored.filter(({ step, turns }) => step >= 3 && step <= 4 && turns[0]!.finish === 'length').length,
    );
    const alike = await found('zeroVariance=true');
    expect(alike.every(({ zeroVariance }) => zeroVariance)).toBe(true);
    const varied = await found('zeroVariance=false');
    expect(varied.some(({ zeroVariance }) => zeroVariance)).toBe(false);
    expect(alike.length + varied.length).toBe(stored.length);
  });
});

describe('text search', () => {
  it('finds words, phrases and beginnings, with marks, as far as the index has come', async () => {
    /** All pages, once the index is whole. A busy machine makes pages short. */
    const all = async (text: string, more = '') => {
      const samples: api.SampleRow[] = [];
      let cursor: string | null = '';
      let page: api.SamplesAnswer | undefined;
      while (cursor !== null) {
        const at: string = `text=${encodeURIComponent(text)}${more}${cursor && `&cursor=${cursor}`}`;
        page = await served.get(`/runs/${served.main}/samples?limit=500&${at}`, api.samplesAnswer);
        if (page.index!.state !== 'ready') {
          expect(page.index!.state).toBe('working');
          await new Promise((done) => setTimeout(done, 50));
          continue;
        }
        samples.push(...page.samples);
        cursor = page.next;
      }
      return { samples, index: page!.index };
    };
    const { samples, index } = await all('ALPHA "question 0"');
    expect(index).toMatchObject({ done: index!.total, state: 'ready' });
    expect(samples.length).toBeGreaterThan(0);
    for (const { prompt, completion, marks } of samples) {
      expect([prompt.slice(0, 10), completion]).toEqual(['question 0', 'alpha']);
      expect(marks).toEqual({ prompt: [[0, 10]], completion: [[0, 5]] });
    }
    expect((await all('alp*')).samples.every(({ completion }) => completion === 'alpha')).toBe(true);
    expect((await all('question -alpha')).samples.some(({ completion }) => completion === 'alpha')).toBe(
      false,
    );
    expect((await all('prompt:alpha')).samples).toEqual([]);
    expect((await all('alpha OR "beta')).samples).toEqual([]);
    expect(
      (await all('alpha', '&zeroVariance=false&column=part:correct&above=1')).samples.every(
        ({ value }) => value! > 0.9,
      ),
    ).toBe(true);
    const rising = (await all('alpha')).samples.map(({ step, position }) => step * 100 + position);
    const falling = (await all('alpha', '&order=desc')).samples.map(
      ({ step, position }) => step * 100 + position,
    );
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(falling).toEqual(rising.toReversed());
  });
});

describe('hostile texts', () => {
  it('travel unchanged as JSON, cut where they are long, with offsets in code points', async () => {
    const store = openStore(served.path);
    const run = store.createRun({ recipe: 'hostile', config: {}, seed: 1, steps: 1 });
    const text = `😀<script>alert(1)</script>\u202e\u0000${'x'.repeat(1_000_000)}`;
    const task = { id: '<img src=x onerror=alert(1)>', prompt: '"><svg onload=alert(1)>', answer: '\ud800' };
    const completion = {
      text,
      tokens: Int32Array.of(1, 2),
      logprobs: Float64Array.of(-1, Number.NEGATIVE_INFINITY),
      offsets: Int32Array.of(0, 2),
      length: 2,
      finish: 'stop' as const,
    };
    const said = verdict(1, '<b>reason</b>', {
      parts: { constructor: verdict(1), 'a/b': verdict(0) },
      spans: [{ start: 2, end: 10, value: 1, part: 'x', at: 'each' as const }],
    });
    const samples = [{ id: 's', task, turns: [{ context: task.prompt, completion }], verdict: said }];
    store.writeStep({
      run,
      step: 0,
      stage: 'a',
      metrics: { reward: Number.POSITIVE_INFINITY, 'part.constructor': Number.NaN },
      groups: [{ task, samples }],
      advantages: { policy: { of: 'token', values: Float64Array.of(0.5, -1) } },
    });
    store.close();
    const { groups } = await served.get(`/runs/${run}/groups?step=0&chars=100`, api.groupsAnswer);
    const sample = groups[0]!.samples[0]!;
    expect(sample.turns[0]!.completion).toMatchObject({ cut: true, length: [...text].length });
    expect([...sample.turns[0]!.completion.text]).toHaveLength(100);
    expect(sample.verdict!.spans![0]).toMatchObject({ start: 1, end: 9 });
    expect(sample.turns[0]!.credit!.policy!.at.map(([offset]) => offset)).toEqual([0, 1]);
    const whole = await served.get(`/runs/${run}/sample?step=0&position=0`, api.sampleAnswer);
    expect(whole.sample.turns[0]!.completion.text).toBe(text);
    expect(whole.task.answer).toBe('\ud800');
    expect(Object.keys(whole.sample.verdict!.parts!)).toEqual(['constructor', 'a/b']);
    const { series } = await served.get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(series.reward).toMatchObject({ mean: [null], infinite: 1 });
    const { samples: rows } = await served.get(`/runs/${run}/samples`, api.samplesAnswer);
    expect(rows[0]!.completion.length).toBeLessThan(250);
  });
});
