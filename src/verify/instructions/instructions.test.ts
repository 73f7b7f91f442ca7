import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Reward, scoringContext } from '../../core/reward.ts';
import { textSample } from '../../core/sample.ts';
import type { Task } from '../../core/task.ts';
import type { Verdict } from '../../core/verdict.ts';
import { constraint } from './constraint.ts';
import { evaluate, variantsOf } from './evaluate.ts';
import { instructions } from './instructions.ts';
import { lightIf } from './light-if-reward.ts';

const commaAndWords = {
  instruction_id_list: ['punctuation:no_comma', 'length_constraints:number_words', 'en:punctuation:no_comma'],
  kwargs: [{}, { num_words: 4, relation: 'at least' }, {}],
};

function score(reward: Reward, text: string, data: object, fuel?: number): Verdict {
  const task = { id: '1', prompt: 'p', data } as Task;
  return (
    reward.score(
      [textSample(task, text)],
      scoringContext(fuel === undefined ? {} : { fuel }),
    ) as readonly Verdict[]
  )[0]!;
}

describe('instructions', () => {
  it('gives each instruction its part in row order, also when an id comes twice', () => {
    const verdict = score(instructions(), 'two words, really', commaAndWords);
    expect(verdict.value).toBe(0);
    expect(Object.entries(verdict.parts!).map(([key, { value }]) => [key, value])).toEqual([
      ['0:punctuation:no_comma', 0],
      ['1:length_constraints:number_words', 0],
      ['2:en:punctuation:no_comma', 0],
    ]);
    expect(verdict.parts!['1:length_constraints:number_words']!.reason).toBe('has 3 words, at least 4 asked');
    expect(verdict.reason).toBe('0 of 3 instructions hold: has 1 comma');
  });

  it('combines by all, fraction and weight', () => {
    const text = 'three words here';
    expect(score(instructions(), text, commaAndWords).value).toBe(0);
    expect(score(instructions({ value: 'fraction' }), text, commaAndWords).value).toBeCloseTo(2 / 3, 12);
    const weights = { 'length_constraints:number_words': 2, 'punctuation:no_comma': 0.5 };
    expect(score(instructions({ value: 'weighted', weights }), text, commaAndWords).value).toBeCloseTo(
      1 / 3,
      12,
    );
    const own = { ...commaAndWords, weights: [1, 0, 3] };
    expect(score(instructions({ value: 'weighted', weights }), text, own).value).toBe(1);
    expect(score(instructions({ value: 'weighted' }), text, { ...own, weights: [0, 0, 0] })).toMatchObject({
      value: null,
      cause: 'reference',
    });
    expect(score(instructions(), 'four words are here', commaAndWords).value).toBe(1);
  });

  it('is loose over eight variants and says which one holds', () => {
    const row = {
      instruction_id_list: ['punctuation:no_comma', 'startend:end_checker'],
      kwargs: [{}, { end_phrase: 'Bye.' }],
    };
    const text = 'Sure, here it is:\n*Hello.* Bye.*\nI hope, this helps.';
    expect(score(instructions(), text, row).value).toBe(0);
    const loose = score(instructions({ mode: 'loose' }), text, row);
    expect(loose.value).toBe(1);
    expect(loose.parts!['0:punctuation:no_comma']!.reason).toBe(
      'without its first and last lines: has no comma',
    );
    expect(loose.parts!['1:startend:end_checker']!.reason).toMatch(/^without its last line and asterisks/);
    expect(new Set(variantsOf(text, 'loose').map((one) => one.text)).size).toBe(8);
    expect(variantsOf('one line', 'loose').map((one) => one.text)).toEqual(['one line', '']);
  });

  it('fails blank responses, and passes none that the reference would not run', () => {
    for (const mode of ['strict', 'loose'] as const)
      expect(evaluate(' \n\t', [{ id: 'punctuation:no_comma', parameters: {} }], mode)[0]!.value).toBe(0);
  });

  it('reads only what comes after a delimiter when asked', () => {
    const reward = instructions({ after: '</think>' });
    expect(score(reward, 'a, b</think>one two three four', commaAndWords).value).toBe(1);
    const missing = score(reward, 'one two three four', commaAndWords);
    expect(missing.value).toBe(0);
    expect(missing.parts!['0:punctuation:no_comma']!.reason).toBe('the completion has no </think>');
  });

  it('gives a completion over the fuel the minimum, a row without instructions no verdict', () => {
    expect(score(instructions(), 'long text', commaAndWords, 5)).toMatchObject({ value: 0 });
    expect(score(instructions(), 'x', {})).toMatchObject({ value: null, cause: 'reference' });
    expect(score(instructions(), 'x', { instruction_id_list: [] })).toMatchObject({ value: null });
    const unknown = { instruction_id_list: ['punctuation:no_comma', 'no:such'], kwargs: [{}, {}] };
    const verdict = score(instructions({ value: 'fraction' }), 'x', unknown, 0);
    expect(verdict).toMatchObject({ value: null, cause: 'unsupported' });
    expect(verdict.parts!['1:no:such']!.value).toBeNull();
  });

  it('takes constraints of one’s own, which go before the built-in ones', () => {
    const even = constraint('own:even', z.object({}), (text) => text.length % 2 === 0);
    const never = constraint('punctuation:no_comma', z.object({}), () => ({ ok: false, reason: 'never' }));
    const reward = instructions({ constraints: [even, never] });
    expect(score(reward, 'ab', { constraints: ['own:even'] })).toMatchObject({ value: 1 });
    expect(score(reward, 'abc', { constraints: ['own:even'] }).parts!['0:own:even']!.reason).toBe(
      'does not hold',
    );
    expect(score(reward, 'ab', { constraints: ['punctuation:no_comma'] }).value).toBe(0);
    expect(score(instructions(), 'ab', { constraints: ['own:even'] })).toMatchObject({
      cause: 'unsupported',
    });
  });

  it.each([instructions, lightIf])('scores its own examples', (factory) => {
    const { definition } = factory;
    for (const { completion, data, options, value } of definition.examples)
      expect(score(factory(options as never), completion, data!).value).toBe(value);
  });

  it('runs the example of the page', async () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    const page = readFileSync(join(root, 'docs', 'verifiers', 'instructions.md'), 'utf8');
    const code = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
    const example = code.find((one) => one.includes('poem:lines'))!;
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(10);
    const folder = mkdtempSync(join(root, 'node_modules', '.instructions-example-'));
    try {
      const file = join(folder, 'example.ts');
      writeFileSync(
        file,
        example.replace("'assay/verify'", `'${join(root, 'src/verify/instructions/index.ts')}'`),
      );
      const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: Reward };
      const row = { instruction_id_list: ['poem:lines'], kwargs: [{ lines: 3 }] };
      expect(score(module.default, 'a\n\nb\nc', row).value).toBe(1);
      expect(score(module.default, 'a\nb', row).parts!['0:poem:lines']!.reason).toBe('has 2 lines, 3 asked');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
