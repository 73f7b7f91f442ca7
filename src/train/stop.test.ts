import { describe, expect, it } from 'vitest';
import { newPosition } from './position.ts';
import type { ResolvedStage } from './recipe.ts';
import { stopReason } from './stop.ts';

const stage = (over: Partial<ResolvedStage>) => ({ name: 's', steps: 100, ...over }) as ResolvedStage;
const at = (over: Partial<ReturnType<typeof newPosition>>) => ({ ...newPosition(), ...over });

describe('stopReason', () => {
  it('ends with its steps, not before', () => {
    expect(stopReason(stage({}), at({ stageStep: 99 }))).toBeUndefined();
    expect(stopReason(stage({}), at({ stageStep: 100 }))).toBe('its steps are done');
    expect(stopReason(stage({ steps: 0 }), at({}))).toBe('its steps are done');
  });

  it('ends by the clock only where that is asked', () => {
    expect(stopReason(stage({}), at({ stageSeconds: 1e9 }))).toBeUndefined();
    expect(stopReason(stage({ until: { seconds: 5 } }), at({ stageSeconds: 5 }))).toMatch(/5 seconds/);
  });

  it('ends when a budget of tokens is spent, counted from where the stage began', () => {
    const until = { tokens: 100 };
    expect(stopReason(stage({ until }), at({ tokens: 1099, stageTokens: 1000 }))).toBeUndefined();
    expect(stopReason(stage({ until }), at({ tokens: 1100, stageTokens: 1000 }))).toMatch(/100 tokens/);
  });

  it('ends when the reward of a whole window is high enough', () => {
    const until = { reward: 0.5, window: 3 };
    expect(stopReason(stage({ until }), at({ rewards: [1, 1] }))).toBeUndefined();
    expect(stopReason(stage({ until }), at({ rewards: [0, 1, 0, 1] }))).toMatch(/reached 0.5/);
    expect(stopReason(stage({ until }), at({ rewards: [1, 0, 0, 1] }))).toBeUndefined();
  });

  it('ends on a plateau: the last evaluations rose by less than asked', () => {
    const until = { plateau: { evaluations: 2, by: 0.01 } };
    expect(stopReason(stage({ until }), at({ rates: [0.5, 0.5] }))).toBeUndefined();
    expect(stopReason(stage({ until }), at({ rates: [0.5, 0.5, 0.505] }))).toMatch(/not risen for 2/);
    expect(stopReason(stage({ until }), at({ rates: [0.5, 0.4, 0.6] }))).toBeUndefined();
  });
});
