import type { Demonstration, Engine, Random } from '../core/index.ts';
import type { LearningSet } from './tokens.ts';

/**
 * The demonstrations of one supervised step: epochs in a seeded order each, cut into batches. Where they come in groups a
 * batch is so many groups, whole.
 */
export function demonstrationsOf(
  demonstrations: readonly Demonstration[],
  batch: number,
  step: number,
  random: Random,
): Demonstration[] {
  if (!demonstrations.some(({ group }) => group !== undefined))
    return demonstrationBatch(demonstrations.length, batch, step, random).map((i) => demonstrations[i]!);
  const groups = [...Map.groupBy(demonstrations, ({ group }, i) => group ?? `alone ${i}`).values()];
  return demonstrationBatch(groups.length, batch, step, random).flatMap((i) => groups[i]!);
}

/** The indices of one batch of `count` items: epochs in a seeded order each, cut into batches. */
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
  const names = [...new Set(demonstrations.map(({ group }, i) => group ?? `alone ${i}`))];
  const arrays = (fill: number) => sequences.map(({ tokens }) => new Float64Array(tokens.length).fill(fill));
  return {
    sequences,
    groups: demonstrations.map(({ group }, i) => names.indexOf(group ?? `alone ${i}`)),
    masks: sequences.map(({ tokens }) => new Uint8Array(tokens.length).fill(1)),
    old: arrays(0),
    terms: { policy: arrays(1) },
    idle: sequences.map(() => false),
    ...(demonstrations.some(({ role }) => role) && { roles: demonstrations.map(({ role }) => role) }),
  };
}
