import type { Sampler } from './engine.ts';
import { InputError, oneLine } from './errors.ts';
import { contentHash } from './hash.ts';
import type { Described } from './json.ts';
import type { RewardState } from './memory.ts';
import { hasMethod, shownValue } from './options.ts';
import type { Batch, Group, Sample } from './sample.ts';
import { asVerdict, noVerdict, type Verdict, type VerdictLike } from './verdict.ts';

/** What every reward is told besides the samples. Schedules read the step from here, never from a global. */
export interface RewardContext {
  readonly step: number;
  readonly totalSteps: number;
  readonly stage: string;
  readonly phase: 'train' | 'evaluate';
  /** Read-only samplers: the policy as it sampled, frozen actors and judges. */
  readonly models: { readonly [name: string]: Sampler };
  readonly signal: AbortSignal;
  /** Operations that a check of one sample may spend. */
  readonly fuel: number;
  /** For group scope: the group the samples are from, so that a pairwise reward can leave its preferences there. */
  readonly group?: Group<unknown>;
}

const scopes = ['sample', 'group', 'batch'] as const;
export type Scope = (typeof scopes)[number];

/**
 * The one thing that scores: called once per sample, per group or per batch, according to `scope`, with the samples of
 * that scope; one verdict a sample, in order. Rules that need no model stay synchronous and pure.
 */
export interface Reward extends Described {
  readonly scope: Scope;
  /** False for a measure that must never be optimised; `train` refuses it. */
  readonly trainable?: boolean;
  /** The lowest value that it gives: what the candidate's own faults are worth. 0 when left out. */
  readonly minimum?: number;
  /** Rewards inside this one, whose state belongs to the checkpoint as well. */
  readonly children?: { readonly [name: string]: Reward };
  readonly state?: RewardState;
  score(
    samples: readonly Sample<unknown>[],
    context: RewardContext,
  ): readonly Verdict[] | Promise<readonly Verdict[]>;
}

/** A user's own check of one sample. */
export type RewardFunction = (
  sample: Sample<unknown>,
  context: RewardContext,
) => VerdictLike | Promise<VerdictLike>;

/** A plain function as a reward; it is known by the hash of its source, so that a changed one is noticed on resume. */
export function lift(check: RewardFunction, name: string = check.name || 'function'): Reward {
  return {
    name,
    version: contentHash(String(check)).slice(0, 8),
    options: { check },
    scope: 'sample',
    score: (samples, context) => {
      const results = samples.map((sample) => guarded(() => check(sample, context)));
      return results.some((result) => result instanceof Promise)
        ? Promise.all(results)
        : (results as Verdict[]);
    },
  };
}

export type RewardLike = Reward | RewardFunction;

/** Throws InputError for what is neither; `what` says in the message what it was to be. */
export function asReward(from: RewardLike, what = 'a reward'): Reward {
  if (!isRewardLike(from))
    throw new InputError(`${what} must be a reward or a function of a sample, not ${shownValue(from)}`);
  return typeof from === 'function' ? lift(from) : from;
}

/** Whether a value is a reward or a function that may be one. */
export function isRewardLike(value: unknown): value is RewardLike {
  return (
    typeof value === 'function' || (hasMethod(value, 'score') && scopes.includes((value as Reward).scope))
  );
}

function guarded(run: () => VerdictLike | Promise<VerdictLike>): Verdict | Promise<Verdict> {
  try {
    const result = run();
    return result instanceof Promise ? result.then(asVerdict, crashed) : asVerdict(result);
  } catch (thrown) {
    return crashed(thrown);
  }
}

function crashed(thrown: unknown): Verdict {
  return noVerdict('crash', oneLine(thrown));
}

export const defaultFuel = 1_000_000;

/** A context for scoring outside training: a file, a request, a test. */
export function scoringContext(over: Partial<RewardContext> = {}): RewardContext {
  return {
    step: 0,
    totalSteps: 1,
    stage: 'score',
    phase: 'evaluate',
    models: {},
    signal: neverAborted,
    fuel: defaultFuel,
    ...over,
  };
}

const neverAborted = new AbortController().signal;

/**
 * The verdicts of one call of a reward, checked: as many as there are samples, each a proper verdict, named and
 * versioned. Whatever the reward throws is no verdict (`crash`) for all of them.
 */
export function callReward(
  reward: Reward,
  samples: readonly Sample<unknown>[],
  context: RewardContext,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const all = (thrown: unknown) => samples.map(() => signed(reward, crashed(thrown)));
  try {
    const result = reward.score(samples, context);
    return result instanceof Promise
      ? result.then((verdicts) => checked(reward, samples, verdicts)).catch(all)
      : checked(reward, samples, result);
  } catch (thrown) {
    return all(thrown);
  }
}

function checked(
  reward: Reward,
  samples: readonly unknown[],
  verdicts: readonly Verdict[],
): readonly Verdict[] {
  if (!Array.isArray(verdicts) || verdicts.length !== samples.length) {
    const got = Array.isArray(verdicts) ? `${verdicts.length} verdicts` : `a ${typeof verdicts}`;
    const complaint = noVerdict('crash', `the reward returned ${got} for ${samples.length} samples`);
    return samples.map(() => signed(reward, complaint));
  }
  return verdicts.map((one) => signed(reward, asVerdict(one)));
}

function signed(reward: Reward, from: Verdict): Verdict {
  return from.reward === undefined ? { ...from, reward: reward.name, version: reward.version } : from;
}

/** Scores a whole batch according to the reward's scope and writes each sample's `verdict`. */
export async function scoreBatch(
  reward: Reward,
  batch: Batch<unknown>,
  context: RewardContext,
  concurrency = 64,
): Promise<void> {
  const calls: { samples: Sample<unknown>[]; group?: Group<unknown> }[] =
    reward.scope === 'sample'
      ? batch.groups.flatMap((group) => group.samples.map((sample) => ({ samples: [sample], group })))
      : reward.scope === 'group'
        ? batch.groups.map((group) => ({ samples: group.samples, group }))
        : [{ samples: batch.groups.flatMap((group) => group.samples) }];
  const finish = (call: { samples: Sample<unknown>[] }, verdicts: readonly Verdict[]) =>
    call.samples.forEach((sample, i) => {
      sample.verdict = verdicts[i]!;
    });
  const waiting: Promise<void>[] = [];
  for (const call of calls) {
    const result = callReward(reward, call.samples, { ...context, group: call.group });
    if (!(result instanceof Promise)) finish(call, result);
    else {
      const pending: Promise<void> = result.then((verdicts) => {
        finish(call, verdicts);
        waiting.splice(waiting.indexOf(pending), 1);
      });
      waiting.push(pending);
      if (waiting.length >= concurrency) await Promise.race(waiting);
    }
  }
  await Promise.all(waiting);
}
