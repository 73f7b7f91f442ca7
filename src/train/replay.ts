import type { Json, Prompt, Random, Role } from '../core/index.ts';
import { type PriorityBuffer, type PriorityBufferOptions, priorityBuffer } from '../curriculum/index.ts';
import { type LearningSet, wholeSamples } from './tokens.ts';

/** How a step's rollouts are filled up with samples of earlier steps. */
export interface ReplayOptions extends PriorityBufferOptions {
  /**
   * Samples drawn into a step's update: as many as bring those with an advantage to this share of the batch (Skywork-R1V2:
   * in place of those without), never more than there are idle ones.
   */
  readonly target: number;
}

/** One turn of a stored sample. */
interface StoredTurn {
  readonly context: Prompt;
  readonly tokens: Int32Array;
  readonly mask: Uint8Array;
  readonly old: Float64Array;
  readonly terms: { readonly [term: string]: Float64Array };
}

/** A stored sample. */
type Replayed = readonly StoredTurn[];

/** The replay of a stage: its buffer and what a step does with it. */
export interface Replay {
  /**
   * The step's set with drawn samples in place of as many idle ones, in fresh groups after the others; the stored
   * log-probabilities are their old ones. Then the step's own samples with an advantage are stored, with all their turns.
   */
  mix(set: LearningSet, step: number, random: Random): { set: LearningSet; metrics: Record<string, number> };
  save(): Json;
  load(saved: Json): void;
}

/**
 * A replay buffer in the loop (Skywork-R1V2's Selective Sample Buffer with `draw: 'priority'`): samples with a non-zero
 * advantage are kept with their log-probabilities and advantages, by their largest advantage in size. With `keep: 'all'` and
 * `draw: 'uniform'` it is plain replay of the same volume, its control.
 */
export function createReplay(options: ReplayOptions): Replay {
  const { target, ...own } = options;
  const buffer: PriorityBuffer<Replayed> = priorityBuffer(own);
  return {
    mix(set, step, random) {
      const samples = wholeSamples(set);
      const isIdle = (turns: readonly number[]) => turns.every((s) => set.idle[s]);
      const total = samples.length;
      const busy = samples.filter((turns) => !isIdle(turns)).length;
      const wanted = Math.min(total - busy, Math.ceil(target * total) - busy);
      const drawn = wanted > 0 ? buffer.draw(wanted, step, random) : [];
      const mixed =
        drawn.length > 0
          ? replaced(
              set,
              drawn.map(({ item }) => item),
            )
          : set;
      for (const turns of samples) {
        if (isIdle(turns) && options.keep !== 'all') continue;
        const item = turns.map((s): StoredTurn => {
          const terms = Object.fromEntries(Object.entries(set.terms).map(([name, rows]) => [name, rows[s]!]));
          const { context, tokens } = set.sequences[s]!;
          return { context, tokens, mask: set.masks[s]!, old: set.old[s]!, terms };
        });
        buffer.add({ item, priority: largest(item), step });
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
      buffer.entries.map(({ item, priority, step }) => ({
        turns: item.map(({ context, tokens, mask, old, terms }) => ({
          context: context as Json,
          tokens: [...tokens],
          mask: [...mask],
          old: [...old],
          terms: Object.fromEntries(Object.entries(terms).map(([name, row]) => [name, [...row]])),
        })),
        priority,
        step,
      })),
    load: (saved) => buffer.restore((saved as unknown as Saved[]).map(restored)),
  };
}

interface SavedTurn {
  readonly context: Prompt;
  readonly tokens: number[];
  readonly mask: number[];
  readonly old: number[];
  readonly terms: { readonly [term: string]: number[] };
}

/** A checkpoint from before samples were stored whole has the one turn of an entry in the entry itself. */
type Saved = { readonly priority: number; readonly step: number } & (
  | { readonly turns: readonly SavedTurn[] }
  | SavedTurn
);

function restored(saved: Saved) {
  const turns = 'turns' in saved ? saved.turns : [saved];
  const item = turns.map(({ context, tokens, mask, old, terms }): StoredTurn => {
    const rows = Object.entries(terms).map(([name, row]) => [name, Float64Array.from(row)]);
    return {
      context,
      tokens: Int32Array.from(tokens),
      mask: Uint8Array.from(mask),
      old: Float64Array.from(old),
      terms: Object.fromEntries(rows),
    };
  });
  return { item, priority: saved.priority, step: saved.step };
}

function largest(turns: Replayed): number {
  let most = 0;
  for (const { terms } of turns)
    for (const row of Object.values(terms)) for (const a of row) if (Math.abs(a) > Math.abs(most)) most = a;
  return most;
}

/** The set without as many of its idle samples (the last ones) as are put in. */
function replaced(set: LearningSet, drawn: readonly Replayed[]): LearningSet {
  const keptSamples: number[][] = [];
  let out = drawn.length;
  for (const turns of wholeSamples(set).reverse())
    if (turns.every((s) => set.idle[s]) && out > 0) out--;
    else keptSamples.push(turns);
  const kept = keptSamples.reverse().flat();
  const items = drawn.flat();
  const places = drawn.flatMap((turns, i) => turns.map(() => i));
  const of = <T>(rows: readonly T[], added: readonly T[]): T[] => [...kept.map((s) => rows[s]!), ...added];
  const after = (rows: readonly number[]) => rows.reduce((most, x) => Math.max(most, x), -1) + 1;
  const samples = set.samples ?? set.sequences.map((_, s) => s);
  const [firstSample, firstGroup] = [after(samples), after(set.groups)];
  const noRoles = (): (Role | undefined)[] => set.sequences.map(() => undefined);
  const replayed: Role = 'replay';
  return {
    sequences: of(set.sequences, items),
    samples: of(
      samples,
      places.map((i) => firstSample + i),
    ),
    groups: of(
      set.groups,
      places.map((i) => firstGroup + i),
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
      places.map((i) => largest(drawn[i]!) === 0),
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
