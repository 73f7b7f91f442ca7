import { availableParallelism } from 'node:os';
import type { EngineSpec } from '../../core/engine.ts';
import { InputError } from '../../core/errors.ts';
import { transformerEngine } from './engine.ts';
import { float64Kernels } from './float64/kernels.ts';
import { initialise, type Shape } from './layout.ts';
import { type EmbeddedOptions, parseEmbeddedOptions, tokenizerOf } from './options.ts';
import { shardCount } from './plan.ts';
import { soloTeam, threadTeam } from './team.ts';
import { wasmSource } from './wasm/kernels.ts';
import { weightsOf } from './weights.ts';

export type { EmbeddedOptions } from './options.ts';

/** Raised with every change that changes what an engine of the same options and seed computes. */
const version = '1';

/**
 * A small decoder-only transformer that is trained in this process. Sampled log-probabilities are of the distribution
 * sampled from (temperature, top-k, top-p and constraints renormalised); greedy sampling reports them at temperature 1.
 * Throws InputError on wrong options.
 */
export function embedded(options: EmbeddedOptions): EngineSpec {
  const parsed = parseEmbeddedOptions(options);
  return {
    name: 'embedded',
    version,
    options: parsed,
    async create({ seed, threads }) {
      const tokenizer = tokenizerOf(parsed);
      const { layers, width, heads, context, tied, norm, activation, head } = parsed;
      const vocabulary = tokenizer.size;
      const shape: Shape = { layers, width, heads, context, tied, norm, activation, head, vocabulary };
      const team =
        parsed.arithmetic === 'float64'
          ? soloTeam(float64Kernels(), shape)
          : threadTeam(wasmSource(parsed.relaxed), shape, threadsOf(threads));
      const { kernels } = team;
      const weights = weightsOf(kernels, team.layout, (at) =>
        initialise(
          team.layout,
          kernels.floats.subarray(at, at + team.layout.size),
          seed,
          parsed.initialScale,
        ),
      );
      return transformerEngine(
        { name: 'embedded', version, options: parsed, team, tokenizer, users: 0, passes: 0 },
        weights,
        false,
      );
    },
  };
}

/** More than the shards would have nothing to do. */
function threadsOf(threads: number = Math.min(availableParallelism(), shardCount)): number {
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new InputError(`engine 'embedded': threads is ${threads}; it must be a whole number from 1`);
  return Math.min(threads, shardCount);
}
