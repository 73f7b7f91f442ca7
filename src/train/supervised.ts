import type { Demonstration, Engine, Random } from '../core/index.ts';
import type { LearningSet } from './tokens.ts';

/** The indices of the demonstrations of one supervised step: epochs in a seeded order each, cut into batches. */
export function demonstrationBatch(count: number, batch: number, step: number, random: Random): number[] {
  const size = Math.min(batch, count);
  const perEpoch = Math.floor(count / size);
  const epoch = Math.floor(step / perEpoch);
  const order = random.fork('epoch', epoch).shuffle(Array.from({ length: count }, (_, i) => i));
  const place = (step % perEpoch) * size;
  return order.slice(place, place + size);
}

/** Demonstrations as a learning set: every token of the completion and the end token are trained on. */
export function demonstrationSet(
  engine: Pick<Engine, 'encode'>,
  demonstrations: readonly Demonstration[],
): LearningSet {
  const sequences = demonstrations.map(({ prompt, completion }) => ({
    context: prompt,
    tokens: engine.encode(completion, { end: true }),
  }));
  const arrays = (fill: number) => sequences.map(({ tokens }) => new Float64Array(tokens.length).fill(fill));
  return {
    sequences,
    groups: sequences.map((_, i) => i),
    masks: sequences.map(({ tokens }) => new Uint8Array(tokens.length).fill(1)),
    old: arrays(0),
    terms: { policy: arrays(1) },
    idle: sequences.map(() => false),
  };
}
