import {
  countNoVerdict,
  type Engine,
  type Group,
  mean,
  type NoVerdictCount,
  passAtK,
  type Reward,
  type RewardContext,
  type SampleParams,
  scoreBatch,
  type Task,
  wilson,
} from '../core/index.ts';
import { isSolved, openVerdict, partMeans, sampledTokens } from './monitor.ts';
import type { Success } from './recipe.ts';
import { type Rollout, singleTurn } from './rollout.ts';

export interface Evaluation {
  /** Greedy solve rate on held-out tasks with its Wilson interval; tasks without a verdict (of the part that decides) are left out and counted. */
  readonly solveRate: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly reward: number;
  /** Mean of each part of the verdicts, over those that have it. */
  readonly parts: { readonly [part: string]: number };
  /** Mean length of the greedy answers in tokens. */
  readonly length: number;
  readonly noVerdict: NoVerdictCount;
  readonly tokens: number;
  /** pass@k by k, where it was asked for. */
  readonly passAt?: { readonly [k: string]: number };
}

export interface EvaluateOptions {
  readonly policy: Engine;
  readonly tasks: readonly Task[];
  readonly reward: Reward;
  readonly context: RewardContext;
  readonly sampling: SampleParams;
  readonly success: Success;
  readonly rollout?: Rollout;
  readonly seed: number;
  readonly passAt?: readonly number[];
}

/** Greedy answers to held-out tasks, one a task, scored with every stateful reward frozen; and pass@k by sampling. */
export async function evaluate(options: EvaluateOptions): Promise<{ result: Evaluation; groups: Group[] }> {
  const { success, sampling } = options;
  const { temperature, topK, topP, ...rest } = sampling;
  const groups = await attempts(options, 1, { ...rest, temperature: 0 }, 'greedy');
  const samples = groups.flatMap((group) => group.samples);
  const noVerdict: NoVerdictCount = { n: 0, causes: {} };
  for (const { verdict } of samples) countNoVerdict(noVerdict, openVerdict(verdict, success) ?? verdict!);
  const scored = samples.filter(({ verdict }) => verdict?.value != null);
  const judged = samples.filter(({ verdict }) => !openVerdict(verdict, success));
  const solved = judged.filter(({ verdict }) => isSolved(verdict, success)).length;
  const { value, low, high, n } = wilson(solved, judged.length);
  let tokens = sampledTokens(groups);
  const length = tokens / Math.max(1, samples.length);
  let passAt: Record<string, number> | undefined;
  if (options.passAt && options.passAt.length > 0) {
    const most = Math.max(...options.passAt);
    const tries = await attempts(options, most, sampling, 'pass');
    tokens += sampledTokens(tries);
    passAt = {};
    for (const k of options.passAt) {
      const rates = tries.flatMap(({ samples: own }) => {
        const known = own.filter(({ verdict }) => !openVerdict(verdict, success));
        const right = known.filter(({ verdict }) => isSolved(verdict, success)).length;
        return known.length >= k ? [passAtK(known.length, right, k)] : [];
      });
      passAt[k] = mean(rates);
    }
  }
  return {
    result: {
      solveRate: value,
      low,
      high,
      n,
      reward: mean(scored.map(({ verdict }) => verdict!.value!)),
      parts: partMeans(scored),
      length,
      noVerdict,
      tokens,
      ...(passAt && { passAt }),
    },
    groups,
  };
}

async function attempts(
  { policy, tasks, reward, context, rollout = singleTurn, seed }: EvaluateOptions,
  samples: number,
  sampling: SampleParams,
  kind: string,
): Promise<Group[]> {
  const groups: Group[] = [];
  // In portions, so that memory does not grow with the held-out set.
  const portion = Math.max(1, Math.floor(1024 / samples));
  for (let from = 0; from < tasks.length; from += portion) {
    const part = tasks.slice(from, from + portion);
    groups.push(
      ...(await rollout({ policy, tasks: part, samples, sampling, seed, path: ['evaluate', kind, from] })),
    );
  }
  await scoreBatch(reward, { groups }, { ...context, phase: 'evaluate' });
  return groups;
}
