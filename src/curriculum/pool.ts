import type { Json, Random } from '../core/index.ts';

/** Draws from n things without replacement, reshuffled when they run out; the state is JSON. */
export interface Pool {
  readonly size: number;
  draw(n: number): number[];
  save(): Json;
  load(saved: Json): void;
}

/** A pool of the numbers 0 to size − 1. Every epoch has its own order, from the stream's seed alone. */
export function shuffledPool(size: number, random: Random): Pool {
  let epoch = 0;
  let place = 0;
  const shuffled = () => random.fork('epoch', epoch).shuffle(Int32Array.from({ length: size }, (_, i) => i));
  let order = shuffled();
  return {
    size,
    draw: (n) =>
      Array.from({ length: size > 0 ? n : 0 }, () => {
        if (place === size) {
          place = 0;
          epoch++;
          order = shuffled();
        }
        return order[place++]!;
      }),
    save: () => ({ epoch, place }),
    load: (saved) => {
      ({ epoch, place } = saved as { epoch: number; place: number });
      order = shuffled();
    },
  };
}
