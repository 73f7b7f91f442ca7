import {
  deriveSeed,
  type Reward,
  type RewardContext,
  type Sample,
  type SampleParams,
  type Sampler,
  scoreBatch,
  type Task,
} from '../core/index.ts';

export interface PassRateOptions {
  readonly sampler: Sampler;
  readonly reward: Reward;
  readonly context: RewardContext;
  /** Attempts a task. */
  readonly samples: number;
  readonly sampling: SampleParams;
  readonly seed: number;
  /** Solved from this value on. Default 1. */
  readonly success?: number;
}

export interface PassRate {
  readonly task: Task;
  /** Of the attempts with a verdict; undefined when there is none. */
  readonly rate: number | undefined;
  /** The first attempt that succeeded, from 1; undefined when none did (r1-reward: attempts needed). */
  readonly attempts: number | undefined;
  readonly scored: number;
}

/** How often a model solves each task, by repeated sampling. */
export async function passRates(tasks: readonly Task[], options: PassRateOptions): Promise<PassRate[]> {
  const { sampler, reward, context, samples, sampling, seed, success = 1 } = options;
  const requests = tasks.flatMap((task) =>
    Array.from({ length: samples }, (_, k) => ({
      context: task.prompt,
      seed: deriveSeed(seed, 'passRate', task.id, k),
    })),
  );
  const completions = await sampler.sample(requests, sampling);
  const groups = tasks.map((task, g) => ({
    task,
    samples: completions.slice(g * samples, (g + 1) * samples).map(
      (completion, k): Sample => ({
        id: `${task.id}.${k}`,
        task,
        turns: [{ context: task.prompt, completion }],
      }),
    ),
  }));
  await scoreBatch(reward, { groups }, context);
  return groups.map(({ task, samples: own }) => {
    const values = own.map(({ verdict }) => verdict!.value);
    const scored = values.filter((value) => value !== null);
    const first = values.findIndex((value) => value !== null && value >= success);
    return {
      task,
      rate: scored.length > 0 ? scored.filter((value) => value >= success).length / scored.length : undefined,
      attempts: first < 0 ? undefined : first + 1,
      scored: scored.length,
    };
  });
}
