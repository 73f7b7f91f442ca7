import {
  type Completion,
  deriveSeed,
  type Engine,
  type Group,
  type Sample,
  type SampleParams,
  type Task,
} from '../core/index.ts';

/** What a rollout is given: a policy, tasks, and the names that its seeds derive from. */
export interface RolloutContext {
  readonly policy: Pick<Engine, 'sample' | 'name' | 'capabilities'>;
  readonly tasks: readonly Task[];
  /** Samples a task. */
  readonly samples: number;
  readonly sampling: SampleParams;
  readonly seed: number;
  /** Names of this rollout: split, step, refill. */
  readonly path: readonly (string | number)[];
}

/** Tasks → groups of samples. Environments bring their own. */
export type Rollout = (context: RolloutContext) => Promise<Group[]>;

/** One turn: each task's prompt is sampled `samples` times. With beams, the engine's rank order is kept. */
export const singleTurn: Rollout = async ({ policy, tasks, samples, sampling, seed, path }) => {
  const beams = sampling.beams;
  const each = beams === undefined ? samples : 1;
  const requests = tasks.flatMap((task, g) =>
    Array.from({ length: each }, (_, i) => ({ context: task.prompt, seed: deriveSeed(seed, ...path, g, i) })),
  );
  const completions = await policy.sample(requests, sampling);
  const perTask = beams ?? samples;
  if (completions.length !== tasks.length * perTask)
    throw new Error(`the engine gave ${completions.length} completions for ${tasks.length} × ${perTask}`);
  return tasks.map((task, g) => ({
    task,
    samples: completions
      .slice(g * perTask, (g + 1) * perTask)
      .map((completion, i) => sampleOf(task, completion, g, i)),
  }));
};

function sampleOf(task: Task, completion: Completion, group: number, index: number): Sample {
  return { id: `${group}.${index}`, task, turns: [{ context: task.prompt, completion }] };
}
