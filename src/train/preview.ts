import {
  type Cause,
  promptText,
  type RewardContext,
  scoreBatch,
  stream,
  toWire,
  type WireVerdict,
} from '../core/index.ts';
import { uniform } from '../curriculum/index.ts';
import { type Recipe, resolveStages } from './recipe.ts';
import { singleTurn } from './rollout.ts';

/** One group as it would be trained on. */
export interface Preview {
  readonly task: string;
  readonly prompt: string;
  readonly answer?: string;
  readonly samples: readonly {
    readonly completion: string;
    readonly reward: number | null;
    readonly cause?: Cause;
    readonly reason?: string;
    readonly verdict: WireVerdict;
    readonly advantage: number;
    readonly tokens: number;
    readonly finish: string;
  }[];
}

/** Samples and scores one group of a recipe's last stage with the untrained policy; nothing is stored or learnt. */
export async function preview(
  recipe: Recipe,
  options: { readonly seed: number; readonly threads?: number; readonly signal?: AbortSignal },
): Promise<Preview> {
  const { tasks, engine } = recipe.recipe;
  const stage = resolveStages(recipe, uniform()).at(-1)!;
  const { train } = await tasks.load();
  const curriculum = stage.curriculum.create({
    tasks: train,
    groups: 1,
    random: stream(options.seed, 'curriculum', stage.name),
  });
  const policy = await engine.create(options);
  try {
    const [group] = await (stage.rollout ?? singleTurn)({
      policy,
      tasks: curriculum.next(1),
      samples: stage.samples,
      sampling: stage.sampling,
      seed: options.seed,
      path: ['rollout', 0, 0],
    });
    const context: RewardContext = {
      step: 0,
      totalSteps: stage.steps,
      stage: stage.name,
      phase: 'evaluate',
      models: { policy },
      signal: options.signal ?? new AbortController().signal,
      fuel: 1_000_000,
    };
    await scoreBatch(stage.reward, { groups: [group!] }, context);
    const { terms } = stage.estimator.estimate({ groups: [group!] }, context);
    const advantages = terms.policy ?? Object.values(terms)[0];
    const { task } = group!;
    return {
      task: task.id,
      prompt: promptText(task.prompt),
      answer: task.answer === undefined ? undefined : String(task.answer),
      samples: group!.samples.map((sample, i) => {
        const texts = sample.turns.map(({ completion }) => completion.text);
        const last = sample.turns.at(-1)!.completion;
        const { value, cause, reason } = sample.verdict!;
        return {
          completion: texts.join('\n'),
          reward: value,
          cause,
          reason,
          verdict: toWire(sample.verdict!, texts),
          advantage: advantages?.of === 'sample' ? advantages.values[i]! : Number.NaN,
          tokens: last.tokens.length,
          finish: last.finish,
        };
      }),
    };
  } finally {
    await policy.close();
  }
}
