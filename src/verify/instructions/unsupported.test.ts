import { describe, expect, it } from 'vitest';
import { fixtureVerdicts } from '../../../bench/parity/instruction-agreement.ts';
import { scoringContext } from '../../core/reward.ts';
import { textSample } from '../../core/sample.ts';
import type { Verdict } from '../../core/verdict.ts';
import { builtin } from './catalogue.ts';
import { instructions } from './instructions.ts';

/** Parameters in order for each type. */
const valid = new Map<string, { readonly [name: string]: unknown }>();
for (const { id, parameters } of fixtureVerdicts()) if (!valid.has(id)) valid.set(id, parameters);

function score(id: string, kwargs: { readonly [name: string]: unknown }): Verdict {
  const task = { id: '1', prompt: 'p', data: { instruction_id_list: [id], kwargs: [kwargs] } };
  const sample = textSample(task as never, 'Some words are here, and a second line.\nThe end.');
  return (instructions().score([sample], scoringContext()) as readonly Verdict[])[0]!;
}

function expectUnsupported(verdict: Verdict, key: string, ...names: string[]): void {
  expect(verdict.value, names.join(' ')).toBeNull();
  expect(verdict.cause).toBe('unsupported');
  expect(verdict.parts![key]).toMatchObject({ value: null, cause: 'unsupported' });
  for (const name of names) expect(verdict.reason).toContain(name);
}

describe.each([...builtin.keys()])('%s', (id) => {
  const parameters = valid.get(id)!;

  it('is checked with parameters in order, with and without the prefix', () => {
    expect(score(id, parameters).value).not.toBeNull();
    expect(score(`en:${id}`, parameters)).toMatchObject({ value: score(id, parameters).value });
    expect(Object.keys(score(`en:${id}`, parameters).parts!)).toEqual([`0:en:${id}`]);
  });

  it('is no verdict under an unknown id', () => {
    expectUnsupported(score(`${id}_x`, parameters), `0:${id}_x`, `${id}_x`);
    expectUnsupported(score(`ja:${id}`, parameters), `0:ja:${id}`, `ja:${id}`);
  });

  it('is no verdict without one of its parameters', () => {
    for (const name of Object.keys(parameters)) {
      const { [name]: _, ...rest } = parameters;
      expectUnsupported(score(id, rest), `0:${id}`, id, name);
      expectUnsupported(score(id, { ...parameters, [name]: null }), `0:${id}`, id, name);
    }
  });

  it('is no verdict with a parameter of the wrong type', () => {
    for (const [name, value] of Object.entries(parameters))
      for (const wrong of [{}, typeof value === 'number' ? String(value) : 7, -1, ''])
        expectUnsupported(score(id, { ...parameters, [name]: wrong }), `0:${id}`, id, name);
  });

  it('is no verdict with a parameter that it does not have', () => {
    expectUnsupported(score(id, { ...parameters, surplus: 1 }), `0:${id}`, id, 'surplus');
  });
});
