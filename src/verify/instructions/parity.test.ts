import { describe, expect, it } from 'vitest';
import {
  fixtureVerdicts,
  known,
  readFixture,
  recordedVerdicts,
} from '../../../bench/parity/instruction-agreement.ts';
import { builtin } from './catalogue.ts';

describe('agreement with the reference implementations', () => {
  it('is complete on the kept responses: 200 of each type, some passing and some failing', () => {
    const seen = new Map<string, { n: number; passed: number; wrong: string[] }>();
    for (const { id, reference, ours, reason, line } of fixtureVerdicts()) {
      const one = seen.get(id) ?? { n: 0, passed: 0, wrong: [] };
      seen.set(id, one);
      one.n++;
      if (reference) one.passed++;
      if (ours !== Number(reference)) one.wrong.push(`line ${line}: ${reference} but ${ours}: ${reason}`);
    }
    expect([...seen.keys()].sort()).toEqual([...builtin.keys()].sort());
    expect(builtin.size).toBe(83);
    for (const [id, { n, passed, wrong }] of seen) {
      expect(wrong, id).toEqual([]);
      expect(n, id).toBe(200);
      expect(Math.min(passed, n - passed), id).toBeGreaterThanOrEqual(15);
    }
    expect(readFixture().head.reference).toContain('allenai/IFBench');
  });

  it('is complete on the recorded responses but for the rows that the reference decides at random', (context) => {
    const all = [...recordedVerdicts()];
    if (all.length === 0) context.skip('no recorded verdicts in ../shared/data');
    const different = all.filter(({ reference, ours }) => ours !== Number(reference));
    expect(different.filter((one) => known(one) === undefined)).toEqual([]);
    expect(all.length).toBeGreaterThan(2000);
  });
});
