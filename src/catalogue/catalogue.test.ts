import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  callReward,
  InputError,
  scoringContext,
  textSample,
  UnsupportedError,
  type Verdict,
} from '../core/index.ts';
import { buildReward, loadReward, readSpec } from './index.ts';

const fixture = (name: string) => join(import.meta.dirname, 'module/fixtures', name);
const written = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
afterAll(() => written.mockRestore());

describe('a SPEC', () => {
  test('is a name, a name with options, JSON or an object', () => {
    expect(buildReward('gsm8k').options).toMatchObject({ lax: false });
    expect(buildReward('gsm8k?lax').options).toMatchObject({ lax: true });
    expect(buildReward('gsm8k?lax=true&tolerance=0.5').options).toMatchObject({ lax: true, tolerance: 0.5 });
    expect(buildReward('countdown?operators=+-').options).toMatchObject({ operators: '+-' });
    expect(buildReward('tagFormat?tags=a,b&once=open&bad=-1').options).toMatchObject({
      tags: ['a', 'b'],
      once: 'open',
      bad: -1,
    });
    expect(buildReward('exact?from=marked&marker=%23%23').options).toMatchObject({ marker: '##' });
    expect(buildReward('{"name":"number","options":{"tolerance":1}}').options).toMatchObject({
      tolerance: 1,
    });
    expect(buildReward({ name: 'number' }).name).toBe('number');
  });

  test('may nest in weighted, with schedules as weights', () => {
    const reward = buildReward({
      name: 'weighted',
      options: {
        parts: { a: 'exact', b: ['number?tolerance=1', { name: 'linear', options: { from: 0, to: 1 } }] },
      },
    });
    expect(Object.keys(reward.children!)).toEqual(['a', 'b']);
  });

  test.each([
    ['gsm8', "no reward is called 'gsm8'; did you mean 'gsm8k'?"],
    ['gsm8k?lx=1', "reward 'gsm8k' has no option 'lx' (options: lax, tolerance)"],
    ['gsm8k?tolerance=-1', /^reward 'gsm8k': option 'tolerance': .*>=0/],
    ['gsm8k?tolerance=x', /^reward 'gsm8k': option 'tolerance': .*number/],
    ['gsm8k?lax&lax', "reward 'gsm8k': option 'lax' is given twice"],
    ['{"name":', /^the reward is not valid JSON/],
    ['{"options":{}}', /needs a name/],
    ['{"name":"exact","optoins":{}}', "a reward has { name, options }, not 'optoins'"],
    ['', 'a reward is named by a text or an object'],
    ['some/path', 'some/path: a module ends in .ts, .mts, .js or .mjs'],
    ['{"name":"weighted","options":{"parts":{"a":["exact","heavy"]}}}', /'parts.a': a weight is a number/],
    ['{"name":"weighted","options":{"parts":{"a":"exct"}}}', /did you mean 'exact'/],
    ['{"name":"weighted","options":{"parts":{}}}', "shape 'weighted' needs at least one part"],
    ['__proto__', "no reward is called '__proto__'"],
  ])('%s is an input error', (spec, message) => {
    const build = () => buildReward(spec);
    expect(build).toThrow(InputError);
    expect(build).toThrow(message);
  });

  test("an OpenAI grader is one, a model grader is said to be unsupported, a module's path is a module", () => {
    expect(readSpec('{"type":"string_check","name":"x"}')).toMatchObject({ kind: 'grader' });
    expect(() => buildReward('{"type":"score_model","name":"x"}')).toThrow(UnsupportedError);
    expect(readSpec('./my.reward.ts')).toEqual({ kind: 'module', path: './my.reward.ts' });
  });
});

async function score(spec: unknown, texts: readonly string[], limits = {}): Promise<Verdict[]> {
  const { reward, close } = await loadReward(spec, limits);
  const samples = texts.map((text, i) => textSample({ id: String(i), prompt: '', answer: 'good' }, text));
  const verdicts = await callReward(reward, samples, scoringContext());
  await close();
  return [...verdicts];
}

describe('a module', () => {
  test('scores, and whatever it does wrong is no verdict for the sample at fault alone', async () => {
    const texts = ['good', 'loop', 'bad', 'memory', 'good', 'exit', 'throw', 'never', 'odd', 'good'];
    const verdicts = await score(fixture('reward.ts'), texts, { seconds: 0.5, memory: 64 });
    expect(verdicts.map(({ value, cause }) => cause ?? value)).toEqual([
      1,
      'timeout',
      0,
      'crash',
      1,
      'crash',
      'crash',
      'timeout',
      'crash',
      1,
    ]);
    expect(verdicts[1]!.reason).toBe('the reward took over 0.5 s');
    expect(verdicts[3]!.reason).toBe('the reward went over its memory limit');
    expect(verdicts[6]!.reason).toBe('broken');
    expect(verdicts[8]!.reason).toContain('no plain data');
    expect(written).toHaveBeenCalled(); // its noise goes to standard error
  });

  test('may export a reward, also of group scope, and be a part of weighted', async () => {
    expect((await score(fixture('grouped.js'), ['a', 'b'])).map(({ value }) => value)).toEqual([0, 0.5]);
    const [one] = await score(
      { name: 'weighted', options: { parts: { own: [fixture('reward.ts'), 2], same: 'exact' } } },
      ['good'],
    );
    expect(one).toMatchObject({ value: 3, parts: { own: { value: 1 }, same: { value: 1 } } });
  });

  test.each([
    ['nothing.ts', /nothing.ts: must export a reward or a function/],
    ['syntax.js', /syntax.js: cannot be loaded: /],
    ['absent.ts', /absent.ts: there is no such module/],
  ])('%s is an input error in one line', async (name, message) => {
    await expect(loadReward(fixture(name))).rejects.toThrow(InputError);
    await expect(loadReward(fixture(name))).rejects.toThrow(message);
    await loadReward(fixture(name)).catch((error) => expect(error.message).not.toContain('\n'));
  });
});
