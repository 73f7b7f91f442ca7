import {
  callReward,
  countNoVerdict,
  type Group,
  type NoVerdictCount,
  type Reward,
  type Sample,
  scoringContext,
  type Turn,
  type Verdict,
} from '../core/index.ts';
import { grpoAdvantages } from '../credit/index.ts';
import type { StoredSample } from '../store/index.ts';
import type { AuditOptions } from './error-rates.ts';

/** One sample whose reward changes under another reward. */
export interface Difference {
  readonly step: number;
  readonly sample: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly reason: string;
}

export interface Rescored {
  readonly samples: number;
  /** Samples with a verdict before and after. */
  readonly compared: number;
  /** Of these, how many have another reward; and samples that had or have no verdict on one side only. */
  readonly changed: number;
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** Group-relative advantages from the rewards before and after. */
  readonly advantages: {
    readonly compared: number;
    readonly signChanged: number;
    readonly meanAbsoluteChange: number | null;
    /** Pearson; null when one side does not vary. */
    readonly correlation: number | null;
  };
  readonly noVerdict: { readonly before: NoVerdictCount; readonly after: NoVerdictCount };
  /** The largest change first. */
  readonly differences: readonly Difference[];
}

/**
 * What another reward would have said of a run's samples, and what that would have changed in rewards and group-relative
 * advantages (GRPO, mean and sample deviation, for both sides alike). Steps are scored one by one; group-scoped rewards get
 * their groups.
 */
export async function rescore(
  steps: Iterable<readonly StoredSample[]>,
  reward: Reward,
  options: AuditOptions = {},
): Promise<Rescored> {
  const { show = 20, progress } = options;
  const context = scoringContext(options.context);
  const noVerdict = { before: { n: 0, causes: {} }, after: { n: 0, causes: {} } };
  const rewards = { before: [] as number[], after: [] as number[] };
  const advantages = { before: [] as number[], after: [] as number[] };
  let differences: Difference[] = [];
  let samples = 0;
  let changed = 0;
  for (const stored of steps) {
    const groups = groupsOf(stored);
    const verdicts = new Map<StoredSample, Verdict>();
    const calls =
      reward.scope === 'batch'
        ? [stored]
        : reward.scope === 'group'
          ? groups
          : groups.flatMap((group) => group.map((one) => [one]));
    for (const call of calls) {
      const made = call.map(sampleOf);
      const group: Group<unknown> = { task: call[0]!.task, samples: made };
      const said = await callReward(reward, made, { ...context, step: call[0]!.step, group });
      call.forEach((one, i) => {
        verdicts.set(one, said[i]!);
      });
    }
    for (const group of groups) {
      const before = Float64Array.from(group, (one) => one.verdict?.value ?? Number.NaN);
      const after = Float64Array.from(group, (one) => verdicts.get(one)!.value ?? Number.NaN);
      const starts = Int32Array.of(0, group.length);
      const [a, b] = [grpoAdvantages(before, starts), grpoAdvantages(after, starts)];
      group.forEach((one, i) => {
        const now = verdicts.get(one)!;
        samples++;
        if (one.verdict) countNoVerdict(noVerdict.before, one.verdict);
        countNoVerdict(noVerdict.after, now);
        if (!Number.isNaN(before[i]!) && !Number.isNaN(after[i]!)) {
          rewards.before.push(before[i]!);
          rewards.after.push(after[i]!);
          advantages.before.push(a[i]!);
          advantages.after.push(b[i]!);
        }
        if (Object.is(before[i], after[i])) return;
        changed++;
        differences.push({
          step: one.step,
          sample: one.id,
          before: one.verdict?.value ?? null,
          after: now.value,
          reason: now.reason ?? '',
        });
      });
    }
    if (differences.length > 50 * show + 1000) differences = ranked(differences).slice(0, show);
    progress?.(samples);
  }
  const compared = rewards.before.length;
  const changes = advantages.before.map((one, i) => Math.abs(one - advantages.after[i]!));
  return {
    samples,
    compared,
    changed,
    meanBefore: average(rewards.before),
    meanAfter: average(rewards.after),
    advantages: {
      compared,
      signChanged: advantages.before.filter((one, i) => Math.sign(one) !== Math.sign(advantages.after[i]!))
        .length,
      meanAbsoluteChange: compared > 0 ? average(changes) : null,
      correlation: correlation(advantages.before, advantages.after),
    },
    noVerdict,
    differences: ranked(differences).slice(0, show),
  };
}

function groupsOf(stored: readonly StoredSample[]): StoredSample[][] {
  const groups = new Map<number, StoredSample[]>();
  for (const one of stored) {
    const group = groups.get(one.group);
    if (group) group.push(one);
    else groups.set(one.group, [one]);
  }
  return [...groups.values()];
}

/** A stored sample as a reward reads it. Tokens are not stored; their count is. */
function sampleOf(stored: StoredSample): Sample<unknown> {
  return {
    id: stored.id,
    task: stored.task,
    turns: stored.turns.map(
      (turn): Turn<unknown> => ({
        context: turn.context ?? stored.task.prompt,
        completion: {
          text: turn.text,
          tokens: new Int32Array(0),
          logprobs: new Float64Array(0),
          finish: turn.finish,
          length: turn.length,
          rank: turn.rank,
          prefilled: turn.prefilled,
        },
        observation: turn.observation,
        rewards: turn.rewards,
      }),
    ),
  };
}

function ranked(differences: readonly Difference[]): Difference[] {
  const size = ({ before, after }: Difference) =>
    before === null || after === null ? Number.POSITIVE_INFINITY : Math.abs(before - after);
  return [...differences].sort((a, b) => {
    const [x, y] = [size(a), size(b)];
    return x === y ? a.step - b.step : y - x;
  });
}

function average(of: readonly number[]): number {
  return of.reduce((sum, one) => sum + one, 0) / of.length;
}

function correlation(x: readonly number[], y: readonly number[]): number | null {
  const [mx, my] = [average(x), average(y)];
  let [sxy, sxx, syy] = [0, 0, 0];
  x.forEach((one, i) => {
    sxy += (one - mx) * (y[i]! - my);
    sxx += (one - mx) ** 2;
    syy += (y[i]! - my) ** 2;
  });
  return sxx > 0 && syy > 0 ? sxy / Math.sqrt(sxx * syy) : null;
}
