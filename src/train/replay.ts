import type { Json, Prompt, Random, Role } from '../core/index.ts';
import { type PriorityBuffer, type PriorityBufferOptions, priorityBuffer } from '../curriculum/index.ts';
import type { LearningSet } from './tokens.ts';

/** How a step's rollouts are filled up with samples of earlier steps. */
export interface ReplayOptions extends PriorityBufferOptions {
  /**
   * Sequences drawn into a step's update: as many as bring those with an advantage to this share of the batch (Skywork-R1V2:
   * in place of those without), never more than there are idle ones.
   */
  readonly target: number;
}

interface Replayed {
  readonly context: Prompt;
  readonly tokens: Int32Array;
  readonly mask: Uint8Array;
  readonly old: Float64Array;
  readonly terms: { readonly [term: string]: Float64Array };
}

/** The replay of a stage: its buffer and what a step does with it. */
export interface Replay {
  /**
   * The step's set with drawn sequences in place of as many idle ones, in fresh groups after the others; the stored
   * log-probabilities are their old ones. Then the step's own sequences with an advantage are stored.
   */
  mix(set: LearningSet, step: number, random: Random): { set: LearningSet; metrics: Record<string, number> };
  save(): Json;
  load(saved: Json): void;
}

/**
 * A replay buffer in the loop (Skywork-R1V2's Selective Sample Buffer with `draw: 'priority'`): sequences with a non-zero
 * advantage are kept with their log-probabilities and advantages, by their largest advantage in size. With `keep: 'all'` and
 * `draw: 'uniform'` it is plain replay of the same volume, its control.
 */
export function createReplay(options: ReplayOptions): Replay {
  const { target, ...own } = options;
  const buffer: PriorityBuffer<Replayed> = priorityBuffer(own);
  return {
    mix(set, step, random) {
      const total = set.sequences.length;
      const busy = set.idle.filter((idle) => !idle).length;
      const wanted = Math.min(total - busy, Math.ceil(target * total) - busy);
      const drawn = wanted > 0 ? buffer.draw(wanted, step, random) : [];
      const mixed =
        drawn.length > 0
          ? replaced(
              set,
              drawn.map(({ item }) => item),
            )
          : set;
      for (let s = 0; s < total; s++) {
        if (set.idle[s] && options.keep !== 'all') continue;
        const terms = Object.fromEntries(Object.entries(set.terms).map(([name, rows]) => [name, rows[s]!]));
        const { context, tokens } = set.sequences[s]!;
        const item = { context, tokens, mask: set.masks[s]!, old: set.old[s]!, terms };
        buffer.add({ item, priority: largest(terms), step });
      }
      const age = drawn.reduce((sum, entry) => sum + step - entry.step, 0) / Math.max(1, drawn.length);
      return {
        set: mixed,
        metrics: {
          effective: total > 0 ? busy / total : 0,
          'effective.replayed': total > 0 ? (busy + drawn.length) / total : 0,
          'replay.drawn': drawn.length,
          'replay.age': age,
          'replay.size': buffer.entries.length,
        },
      };
    },
    save: () =>
      buffer.entries.map(({ item: { context, tokens, mask, old, terms }, priority, step }) => ({
        context: context as Json,
        tokens: [...tokens],
        mask: [...mask],
        old: [...old],
        terms: Object.fromEntries(Object.entries(terms).map(([name, row]) => [name, [...row]])),
        priority,
        step,
      })),
    load: (saved) => buffer.restore((saved as unknown as Saved[]).map(restored)),
  };
}

interface Saved {
  readonly context: Prompt;
  readonly tokens: number[];
  readonly mask: number[];
  readonly old: number[];
  readonly terms: { readonly [term: string]: number[] };
  readonly priority: number;
  readonly step: number;
}

function restored({ context, tokens, mask, old, terms, priority, step }: Saved) {
  const rows = Object.entries(terms).map(([name, row]) => [name, Float64Array.from(row)]);
  const item: Replayed = {
    context,
    tokens: Int32Array.from(tokens),
    mask: Uint8Array.from(mask),
    old: Float64Array.from(old),
    terms: Object.fromEntries(rows),
  };
  return { item, priority, step };
}

function largest(terms: { readonly [term: string]: Float64Array }): number {
  let most = 0;
  for (const row of Object.values(terms)) for (const a of row) if (Math.abs(a) > Math.abs(most)) most = a;
  return most;
}

/** The set without as many of its idle sequences (the last ones) as are put in. */
function replaced(set: LearningSet, items: readonly Replayed[]): LearningSet {
  const kept: number[] = [];
  let out = items.length;
  for (let s = set.sequences.length - 1; s >= 0; s--)
    if (set.idle[s] && out > 0) out--;
    else kept.push(s);
  kept.reverse();
  const of = <T>(rows: readonly T[], added: readonly T[]): T[] => [...kept.map((s) => rows[s]!), ...added];
  const group = set.groups.reduce((most, g) => Math.max(most, g), -1) + 1;
  const noRoles = (): (Role | undefined)[] => set.sequences.map(() => undefined);
  const replayed: Role = 'replay';
  return {
    sequences: of(set.sequences, items),
    groups: of(
      set.groups,
      items.map((_, i) => group + i),
    ),
    masks: of(
      set.masks,
      items.map(({ mask }) => mask),
    ),
    old: of(
      set.old,
      items.map(({ old }) => old),
    ),
    idle: of(
      set.idle,
      items.map(({ terms }) => largest(terms) === 0),
    ),
    roles: of(
      set.roles ?? noRoles(),
      items.map(() => replayed),
    ),
    terms: Object.fromEntries(
      Object.entries(set.terms).map(([name, rows]) => [
        name,
        of(
          rows,
          items.map(({ terms }) => terms[name]!),
        ),
      ]),
    ),
    fresh: of(
      set.sequences.map(() => true),
      items.map(() => false),
    ),
  };
}
