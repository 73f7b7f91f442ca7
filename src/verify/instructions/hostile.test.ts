import { describe, expect, it } from 'vitest';
import { fixtureVerdicts } from '../../../bench/parity/instruction-agreement.ts';
import { builtin } from './catalogue.ts';
import { evaluate } from './evaluate.ts';

const long = 20_000;
const nasty = [
  '\n'.repeat(long),
  ' \n'.repeat(long / 2),
  '*'.repeat(long),
  '* \n'.repeat(long / 3),
  '<<'.repeat(long / 2),
  '['.repeat(long),
  '"\\"'.repeat(long / 3),
  '. '.repeat(long / 2),
  `Mr.${' '.repeat(long)}x`,
  '?!'.repeat(long / 2),
  'a.'.repeat(long / 2),
  '('.repeat(long),
  '['.repeat(long / 2) + ']'.repeat(long / 2),
  "'".repeat(long),
  'Question 1'.repeat(long / 10),
  'a@'.repeat(long / 2),
  `${'a'.repeat(long)}@`,
  '\ud800'.repeat(long),
  '\u0000\u001c\u0085'.repeat(long / 3),
  'İ'.repeat(long),
  '𝟘'.repeat(long / 2),
  'word '.repeat(long / 5),
].map((text) => `${text}x`);

describe('hostile responses', () => {
  const parameters = new Map<string, { readonly [name: string]: unknown }>();
  for (const one of fixtureVerdicts()) if (!parameters.has(one.id)) parameters.set(one.id, one.parameters);
  const all = [...builtin.keys()].map((id) => ({ id, parameters: parameters.get(id)! }));

  it('get a verdict from every type, strict and loose, and none throws', () => {
    for (const text of nasty)
      for (const mode of ['strict', 'loose'] as const)
        for (const { value, reason } of evaluate(text, all, mode)) {
          expect(value === 0 || value === 1).toBe(true);
          expect(reason!.length).toBeLessThan(400);
          expect(reason).not.toContain('\n');
        }
  });
});
