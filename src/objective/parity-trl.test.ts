import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Loss, TokenBatch } from '../core/index.ts';
import { type ClippedOptions, clipped, combine, kl } from './index.ts';

interface Setting {
  readonly loss_type: 'dapo' | 'grpo' | 'bnpo' | 'dr_grpo' | 'cispo';
  readonly epsilon_high: number;
  readonly delta?: number;
  readonly beta?: number;
  readonly importance_sampling_level?: 'sequence';
  readonly use_bias_correction_kl?: boolean;
}
interface Case {
  readonly lengths: number[];
  readonly width: number;
  readonly advantages: number[];
  readonly old: number[];
  readonly logprobs: number[];
  readonly reference: number[];
  readonly results: { setting: Setting; loss: number; gradient: number[] }[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/trl.json'), 'utf8')) as {
  cases: Case[];
};
const aggregates = {
  dapo: 'token',
  cispo: 'token',
  grpo: 'sequence',
  bnpo: 'localToken',
  dr_grpo: 'constant',
} as const;

function ours(batch: TokenBatch, setting: Setting): Loss {
  const options: ClippedOptions = {
    high: setting.epsilon_high,
    aggregate: aggregates[setting.loss_type],
    ...(setting.delta !== undefined && { delta: setting.delta }),
    ...(setting.loss_type === 'cispo' && { form: 'cispoUpper' as const }),
    ...(setting.importance_sampling_level && { ratio: setting.importance_sampling_level }),
  };
  const penalty = kl({ importance: setting.use_bias_correction_kl ?? false });
  return combine([
    [clipped(options), 1],
    [penalty, setting.beta ?? 0],
  ]).loss(batch, { step: 0, totalSteps: 1, stage: 's' });
}

test.each(cases.map((one, i) => [i, one] as const))('TRL, batch %i', (_, one) => {
  const starts = new Int32Array(one.lengths.length + 1);
  one.lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  const batch: TokenBatch = {
    starts,
    groups: new Int32Array(one.lengths.length),
    mask: new Uint8Array(starts.at(-1)!).fill(1),
    logprobs: Float64Array.from(one.logprobs),
    old: Float64Array.from(one.old),
    references: { reference: Float64Array.from(one.reference) },
    terms: {
      policy: Float64Array.from(one.lengths.flatMap((n, i) => new Array(n).fill(one.advantages[i]!))),
    },
    maxTokens: one.width,
  };
  for (const { setting, loss, gradient } of one.results) {
    const found = ours(batch, setting);
    expect(found.loss, JSON.stringify(setting)).toBeCloseTo(loss, 8);
    gradient.forEach((x, t) => {
      expect(found.dLogprob![t], `${JSON.stringify(setting)} ${t}`).toBeCloseTo(x, 8);
    });
  }
});
