import {
  type Advantages,
  type Credit,
  type Engine,
  type Group,
  type Role,
  type Sequence,
  type Totals,
  trainedMask,
} from '../core/index.ts';

/** What a step learns from, sequence by sequence: one a turn of every sample that has a verdict. */
export interface LearningSet {
  readonly sequences: Sequence[];
  /** The sample that each sequence is a turn of, ascending; left out, each is a sample. No update takes a sample apart. */
  readonly samples?: readonly number[];
  /** The group of each sequence. */
  readonly groups: number[];
  /** Per sequence, per token. */
  readonly masks: Uint8Array[];
  readonly old: Float64Array[];
  /** As sampled, where `old` was recomputed. */
  readonly sampled?: readonly Float64Array[];
  readonly terms: { readonly [term: string]: Float64Array[] };
  readonly returns?: Float64Array[];
  readonly oldValues?: Float64Array[];
  /** Whether all advantages of a sequence's sample are zero, and it has no role. */
  readonly idle: boolean[];
  /** The side of a sequence in a preference loss. */
  readonly roles?: (Role | undefined)[];
  /** False for a sequence of an earlier step, whose old log-probabilities are those that it was stored with. */
  readonly fresh?: readonly boolean[];
}

/**
 * Turns of a batch as sequences with their advantages per token. Samples without a verdict, and those that the estimator
 * masks, are left out: they are in no mean and in no gradient.
 */
export function learningSet(groups: readonly Group[], credit: Credit): LearningSet {
  const names = Object.keys(credit.terms);
  const set: LearningSet & { samples: number[]; terms: Record<string, Float64Array[]> } = {
    sequences: [],
    samples: [],
    groups: [],
    masks: [],
    old: [],
    idle: [],
    terms: Object.fromEntries(names.map((name) => [name, []])),
    ...(credit.returns && { returns: [], oldValues: [] }),
    ...(credit.roles && { roles: [] }),
  };
  let sampleIndex = 0;
  let token = 0;
  groups.forEach((group, g) => {
    for (const sample of group.samples) {
      const left = sample.verdict?.value == null || credit.mask?.[sampleIndex] === 0;
      let idle = true;
      for (const turn of sample.turns) {
        const n = turn.completion.tokens.length;
        if (!left && n > 0) {
          set.sequences.push({ context: turn.context, tokens: turn.completion.tokens });
          set.samples.push(sampleIndex);
          set.groups.push(g);
          set.masks.push(trainedMask(turn));
          set.old.push(turn.completion.logprobs);
          for (const name of names) {
            const advantages = turnAdvantages(credit.terms[name]!, sampleIndex, token, n);
            set.terms[name]!.push(advantages);
            idle &&= advantages.every((a) => a === 0);
          }
          if (credit.returns) {
            set.returns!.push(turnAdvantages(credit.returns, sampleIndex, token, n));
            set.oldValues!.push(turn.values ?? new Float64Array(n));
            idle = false; // a critic learns from every token
          }
          const role = credit.roles?.[sampleIndex];
          set.roles?.push(role);
          idle &&= role === undefined;
        }
        token += n;
      }
      // A turn without an advantage is in the ratio and the means of its sample: the sample is idle or none of it is.
      while (set.idle.length < set.sequences.length) set.idle.push(idle);
      sampleIndex++;
    }
  });
  return set;
}

function turnAdvantages({ of, values }: Advantages, sample: number, token: number, n: number): Float64Array {
  return of === 'sample' ? new Float64Array(n).fill(values[sample]!) : values.slice(token, token + n);
}

/** The sequences of each sample of a learning set, in order. */
export function wholeSamples({ sequences, samples }: Pick<LearningSet, 'sequences' | 'samples'>): number[][] {
  const whole: number[][] = [];
  for (let s = 0; s < sequences.length; s++)
    if (samples && s > 0 && samples[s] === samples[s - 1]) whole.at(-1)!.push(s);
    else whole.push([s]);
  return whole;
}

/**
 * Some sequences of a learning set, whole samples in any order, as the flat arrays that an objective reads, but for what a
 * forward pass gives.
 */
export function flatten(set: LearningSet, which: readonly number[]) {
  const starts = new Int32Array(which.length + 1);
  which.forEach((s, i) => {
    starts[i + 1] = starts[i]! + set.masks[s]!.length;
  });
  const total = starts[which.length]!;
  const gather = (from: readonly ArrayLike<number>[]): Float64Array => {
    const out = new Float64Array(total);
    which.forEach((s, i) => {
      out.set(from[s]!, starts[i]!);
    });
    return out;
  };
  const mask = new Uint8Array(total);
  which.forEach((s, i) => {
    mask.set(set.masks[s]!, starts[i]!);
  });
  return {
    starts,
    mask,
    samples: turnsOf(set, which),
    groups: Int32Array.from(which, (s) => set.groups[s]!),
    old: gather(set.old),
    sampled: set.sampled && gather(set.sampled),
    returns: set.returns && gather(set.returns),
    oldValues: set.oldValues && gather(set.oldValues),
    roles: set.roles && which.map((s) => set.roles![s]),
    terms: Object.fromEntries(Object.entries(set.terms).map(([name, rows]) => [name, gather(rows)])),
  };
}

/** Which sample of a minibatch each sequence belongs to, counted from 0; undefined where every sequence is a sample. */
function turnsOf({ samples }: LearningSet, which: readonly number[]): Int32Array | undefined {
  if (!samples) return undefined;
  const out = new Int32Array(which.length);
  for (let i = 1; i < which.length; i++)
    out[i] = out[i - 1]! + (samples[which[i]!] === samples[which[i - 1]!] ? 0 : 1);
  return (out.at(-1) ?? 0) + 1 < which.length ? out : undefined;
}

/** Trained tokens, samples, and tokens by group of some of a learning set, the turns of a sample side by side. */
export function totalsOfSet(set: LearningSet, which: readonly number[]): Totals {
  let tokens = 0;
  let sequences = 0;
  let counted = -1;
  const groupTokens = new Map<number, number>();
  for (const s of which) {
    let here = 0;
    for (const m of set.masks[s]!) here += m ? 1 : 0;
    if (here === 0) continue;
    tokens += here;
    const sample = set.samples?.[s] ?? s;
    if (sample !== counted) sequences++;
    counted = sample;
    groupTokens.set(set.groups[s]!, (groupTokens.get(set.groups[s]!) ?? 0) + here);
  }
  return { tokens, sequences, groupTokens };
}

/** Log-probabilities of sequences under a model, without a tape; one array a sequence. */
export async function logprobsUnder(
  model: Pick<Engine, 'forward'>,
  sequences: readonly Sequence[],
  temperature: number,
): Promise<Float64Array[]> {
  const pass = await model.forward(sequences, { temperature, tape: false });
  const out = sequences.map((_, i) => pass.logprobs.slice(pass.starts[i]!, pass.starts[i + 1]!));
  pass.release();
  return out;
}
