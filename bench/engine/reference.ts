import type { Engine, Sequence } from '../../src/core/engine.ts';
import { transformerEngine } from '../../src/engine/embedded/engine.ts';
import { type EmbeddedOptions, embedded } from '../../src/engine/embedded/index.ts';
import { initialise, type Shape } from '../../src/engine/embedded/layout.ts';
import { soloTeam } from '../../src/engine/embedded/team.ts';
import { weightsOf } from '../../src/engine/embedded/weights.ts';
import { characterTokenizer } from '../../src/engine/tokenizer/character.ts';
import { blockedKernels } from './blocked.ts';

/** 63 characters and the end token: a vocabulary of 64. */
export const alphabet = Array.from({ length: 63 }, (_, i) => String.fromCharCode(48 + i)).join('');

/** The reference model of the issue: about 421 k parameters. */
export const reference: EmbeddedOptions = {
  layers: 2,
  width: 128,
  heads: 4,
  context: 64,
  activation: 'relu',
  tokenizer: { kind: 'character', alphabet },
};

/** 32 sequences of 64 input rows, of which each predicts a token. */
export function referenceBatch(): Sequence[] {
  return Array.from({ length: 32 }, (_, i) => ({
    context: alphabet[i]!,
    tokens: Int32Array.from({ length: 64 }, (_, t) => (i * 5 + t * 11) % 64),
  }));
}

/** The same model on the baseline's kernels. */
export function blockedEngine(): Engine {
  const tokenizer = characterTokenizer(alphabet);
  const shape: Shape = { ...embeddedShape(), vocabulary: tokenizer.size };
  const kernels = blockedKernels(1 << 25);
  const team = soloTeam(kernels, shape);
  const weights = weightsOf(kernels, team.layout, (at) =>
    initialise(team.layout, kernels.floats.subarray(at, at + team.layout.size), 1, 0.1),
  );
  return transformerEngine(
    { name: 'blocked', version: '1', options: {}, team, tokenizer, users: 0, passes: 0 },
    weights,
    false,
  );
}

function embeddedShape(): Omit<Shape, 'vocabulary'> {
  return embedded(reference).options as Omit<Shape, 'vocabulary'>;
}

/** One supervised step, in milliseconds. */
export async function timeStep(engine: Engine, sequences: readonly Sequence[]): Promise<number> {
  const start = performance.now();
  const pass = await engine.forward(sequences);
  const n = pass.logprobs.length;
  await pass.backward({ dLogprob: new Float64Array(n).fill(-1 / n) });
  await engine.step({ learningRate: 1e-3, clipNorm: 1 });
  return performance.now() - start;
}
