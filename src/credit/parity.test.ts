import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  gaeAdvantages,
  grpoAdvantages,
  reinforcePlusPlusAdvantages,
  reinforcePlusPlusBaselineAdvantages,
  rewardsAtEnd,
  rlooAdvantages,
  whiten,
} from './index.ts';

interface Case {
  readonly groups: number[];
  readonly lengths: number[];
  readonly rewards: number[];
  readonly values: number[];
  readonly advantages: Record<string, number[]>;
  readonly returns: number[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/verl.json'), 'utf8')) as {
  cases: Case[];
};
const ends = (lengths: number[]) => {
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  return starts;
};

test.each(cases.map((one, i) => [i, one] as const))('verl, batch %i', (_, one) => {
  const starts = ends(one.lengths);
  const groups = ends(one.groups);
  const rewards = Float64Array.from(one.rewards);
  const tokens = { starts, mask: new Uint8Array(starts.at(-1)!).fill(1) };
  const tile = (values: Float64Array) =>
    Float64Array.from(one.lengths.flatMap((n, i) => new Array(n).fill(values[i]!)));
  const atEnd = rewardsAtEnd(rewards, tokens);
  const gae = gaeAdvantages(atEnd, Float64Array.from(one.values), tokens, { gamma: 0.95, lambda: 0.9 });
  // verl's RLOO gives a lone sample its reward; ours has no baseline for it and says 0.
  const rloo = rlooAdvantages(rewards, groups);
  one.groups.forEach((n, g) => {
    if (n === 1) rloo[groups[g]!] = rewards[groups[g]!]!;
  });
  const ours: Record<string, Float64Array> = {
    grpo: tile(grpoAdvantages(rewards, groups, { single: 'reward', epsilon: 1e-6 })),
    drGrpo: tile(grpoAdvantages(rewards, groups, { single: 'reward', std: 'none' })),
    rloo: tile(rloo),
    reinforcePlusPlus: reinforcePlusPlusAdvantages(atEnd, tokens, { gamma: 0.9, masked: 'reset' }),
    reinforcePlusPlusBaseline: reinforcePlusPlusBaselineAdvantages(rewards, groups, tokens, {
      single: 'reward',
    }),
    gae: whiten(gae.advantages, tokens.mask),
  };
  for (const [name, theirs] of Object.entries(one.advantages))
    theirs.forEach((a, t) => {
      // verl divides the reward of a lone sample by 1 + ε too.
      expect(ours[name]![t], `${name} ${t}`).toBeCloseTo(a, name === 'grpo' ? 5 : 8);
    });
  one.returns.forEach((r, t) => {
    expect(gae.returns[t]).toBeCloseTo(r, 8);
  });
});
