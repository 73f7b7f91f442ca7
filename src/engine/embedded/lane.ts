import { Decoding, type SampledTokens, type SampleJob } from './decoding.ts';
import type { HeadOptions, HeadPass } from './heads.ts';
import type { Kernels } from './kernels.ts';
import { type Layout, layoutOf, type Shape } from './layout.ts';
import { modelPass } from './model.ts';
import type { ShardPlan } from './plan.ts';
import type { Places } from './tape.ts';

/** What one thread can be told to do. Plain data, so that it can be sent to a worker. */
export type Command =
  | { do: 'forward'; pass: number; places: Places; plans: readonly ShardPlan[]; options: HeadOptions }
  | { do: 'backward'; pass: number; shards: readonly ShardGradients[] }
  | { do: 'release'; pass: number }
  | { do: 'sample'; places: Places; job: SampleJob };

/** What flows back into one shard. Arrays are over the shard's flat targets. */
export interface ShardGradients {
  readonly shard: number;
  /** Where the shard's gradient of the weights is. */
  readonly at: number;
  /** True when nothing has been added to it since the last step: it is cleared first. */
  readonly fresh: boolean;
  readonly dLogprob?: Float64Array;
  readonly dEntropy?: Float64Array;
  readonly dValue?: Float64Array;
}

export interface ShardResult {
  readonly logprobs: Float64Array;
  readonly entropies?: Float64Array;
  readonly values?: Float64Array;
}

export interface Replies {
  forward: ShardResult[];
  backward: undefined;
  release: undefined;
  sample: readonly SampledTokens[];
}

/** Runs commands on one set of kernels, one after the other, and holds the tapes of passes until they are taken back. */
export interface Lane {
  run<C extends Command>(command: C): Promise<Replies[C['do']]>;
}

/** `pause` is called now and then while sampling; when it returns true the sampling is given up. */
export function lane(
  kernels: Kernels,
  shape: Shape,
  pause: () => Promise<boolean> | boolean,
): Lane & { readonly layout: Layout } {
  const layout = layoutOf(shape, kernels);
  const passes = new Map<number, Map<number, HeadPass>>();

  function forward({ pass, places, plans, options }: Command & { do: 'forward' }): ShardResult[] {
    const held = new Map<number, HeadPass>();
    // Held from the start, so that `release` finds what is there when a later shard fails.
    if (options.tape) passes.set(pass, held);
    return plans.map(({ shard, rows, targets }) => {
      const { logprobs, entropies, values, ...rest } = modelPass(
        kernels,
        layout,
        places,
        rows,
        targets,
        options,
      );
      if (options.tape) held.set(shard, { logprobs, ...rest });
      return { logprobs, entropies, values };
    });
  }

  function backward({ pass, shards }: Command & { do: 'backward' }): undefined {
    const held = passes.get(pass)!;
    passes.delete(pass);
    for (const { shard, at, fresh, ...given } of shards) {
      if (fresh) kernels.fill(at, 0, layout.size);
      held.get(shard)!.backward(at, given);
    }
  }

  function release(pass: number): undefined {
    for (const held of passes.get(pass)?.values() ?? []) held.release();
    passes.delete(pass);
  }

  async function sample({ places, job }: Command & { do: 'sample' }): Promise<readonly SampledTokens[]> {
    const decoding = new Decoding(kernels, layout, places, job);
    try {
      while (decoding.step()) if (await pause()) decoding.abort();
      return decoding.results;
    } finally {
      decoding.release();
    }
  }

  return {
    layout,
    async run(command) {
      const reply = (): Promise<readonly SampledTokens[]> | ShardResult[] | undefined => {
        switch (command.do) {
          case 'forward':
            return forward(command);
          case 'backward':
            return backward(command);
          case 'release':
            return release(command.pass);
          case 'sample':
            return sample(command);
        }
      };
      return (await reply()) as Replies[(typeof command)['do']];
    },
  };
}
