import { z } from 'zod';
import { numberOrInfinity, parseOptions, type Random } from '../core/index.ts';

/** Something worth seeing again: a sample with its old log-probabilities and its advantage, a transition. */
export interface Stored<T> {
  readonly item: T;
  /** What it is drawn by, in size: the advantage. Zero is never stored. */
  readonly priority: number;
  /** When it was stored. */
  readonly step: number;
}

export const priorityBufferSchema = z.object({
  capacity: z.int().min(1),
  /** Entries older than so many steps are gone. No limit when left out. */
  maxAge: numberOrInfinity.refine((age) => age >= 0, 'must be 0 or more').optional(),
  /** By |priority| (Skywork-R1V2's Selective Sample Buffer), or all alike (a plain replay ring). */
  draw: z.enum(['priority', 'uniform']).default('priority'),
  /** Also what has no priority (a plain ring, the control); with `uniform` alone. Default: only what has one. */
  keep: z.enum(['prioritised', 'all']).default('prioritised'),
});

export type PriorityBufferOptions = z.input<typeof priorityBufferSchema>;

/** Of a buffer's options: entries without a priority cannot be drawn by it. */
export const drawsAll = {
  holds: ({ keep, draw }: { keep?: string; draw?: string }) => keep !== 'all' || draw === 'uniform',
  otherwise: { path: ['keep'], message: "'all' needs draw 'uniform'" },
};

const checked = priorityBufferSchema.refine(drawsAll.holds, drawsAll.otherwise);

export interface PriorityBuffer<T> {
  readonly entries: readonly Stored<T>[];
  add(entry: Stored<T>): void;
  /** Up to n different entries, none older than allowed at this step. They stay in the buffer. */
  draw(n: number, step: number, random: Random): Stored<T>[];
  /** Puts back what `entries` gave. */
  restore(entries: readonly Stored<T>[]): void;
}

/** The chance of each entry to be drawn first: |priority| over their sum. */
export function priorities(values: readonly number[]): number[] {
  const sum = values.reduce((total, x) => total + Math.abs(x), 0);
  return values.map((x) => (sum > 0 ? Math.abs(x) / sum : 0));
}

/** A buffer of a given capacity, the oldest out first; its entries are its state. Throws InputError on wrong options. */
export function priorityBuffer<T>(options: PriorityBufferOptions): PriorityBuffer<T> {
  const { capacity, maxAge = Infinity, draw, keep } = parseOptions(checked, options, 'priorityBuffer');
  let entries: Stored<T>[] = [];
  return {
    get entries() {
      return entries;
    },
    add(entry) {
      if (!Number.isFinite(entry.priority) || (entry.priority === 0 && keep !== 'all')) return;
      entries.push(entry);
      if (entries.length > capacity) entries.shift();
    },
    draw(n, step, random) {
      entries = entries.filter((entry) => step - entry.step <= maxAge);
      const left = [...entries];
      const out: Stored<T>[] = [];
      while (out.length < n && left.length > 0) {
        const weights =
          draw === 'priority' ? left.map(({ priority }) => Math.abs(priority)) : left.map(() => 1);
        let mark = random.next() * weights.reduce((sum, w) => sum + w, 0);
        let k = 0;
        while (k + 1 < left.length && mark >= weights[k]!) mark -= weights[k++]!;
        out.push(...left.splice(k, 1));
      }
      return out;
    },
    restore(from) {
      entries = [...from].slice(-capacity);
    },
  };
}
