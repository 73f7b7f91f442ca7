import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflicts } from '../conflicts.ts';
import { evaluate } from '../evaluate.ts';
import { generatedIds, generateInstructions } from './generate.ts';

describe('generateInstructions', () => {
  it('gives an answer that satisfies all, and breaches that fail exactly their own', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(1000), fc.integer({ min: 1, max: 6 }), (seed, index, count) => {
        const made = generateInstructions(seed, index, { instructions: count });
        expect(made.instructions.length).toBe(count);
        expect(conflicts(made.instructions)).toEqual([]);
        expect(evaluate(made.answer, made.instructions).map(({ value }) => value)).toEqual(
          made.instructions.map(() => 1),
        );
        expect(evaluate(made.answer, made.instructions, 'loose').every(({ value }) => value === 1)).toBe(
          true,
        );
        for (const [i, breach] of made.breaches.entries())
          expect(evaluate(breach, made.instructions).map(({ value }) => value)).toEqual(
            made.instructions.map((_, k) => (k === i ? 0 : 1)),
          );
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it.each(generatedIds)('can ask for %s alone', (id) => {
    const made = generateInstructions(3, 0, { instructions: 1, ids: [id] });
    expect(made.instructions.map((one) => one.id)).toEqual([id]);
    expect(made.prompt).toContain('\n- ');
  });

  it('depends on the seed and the index alone', () => {
    expect(generateInstructions('a', 4)).toEqual(generateInstructions('a', 4));
    expect(generateInstructions('a', 4).answer).not.toBe(generateInstructions('a', 5).answer);
    expect(() => generateInstructions(1, 1, { ids: ['no:such'] })).toThrow(RangeError);
  });
});
