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
  /** Whether all advantages of a sequence are zero, and it has no role. */
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
  const set: LearningSet & { terms: Record<string, Float64Array[]> } = {
    sequences: [],
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
      for (const turn of sample.turns) {
        const n = turn.completion.tokens.length;
        if (!left && n > 0) {
          set.sequences.push({ context: turn.context, tokens: turn.completion.tokens });
          set.groups.push(g);
          set.masks.push(trainedMask(turn));
          set.old.push(turn.completion.logprobs);
          let idle = true;
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
          set.idle.push(idle && role === undefined);
        }
        token += n;
      }
      sampleIndex++;
    }
  });
  return set;
}

function turnAdvantages({ of, values }: Advantages, sample: number, token: number, n: number): Float64Array {
  return of === 'sample' ? new Float64Array(n).fill(values[sample]!) : values.slice(token, token + n);
}

/** Some sequences of a learning set as the flat arrays that an objective reads, but for what a forward pass gives. */
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
    groups: Int32Array.from(which, (s) => set.groups[s]!),
    old: gather(set.old),
    sampled: set.sampled && gather(set.sampled),
    returns: set.returns && gather(set.returns),
    oldValues: set.oldValues && gather(set.oldValues),
    roles: set.roles && which.map((s) => set.roles![s]),
    terms: Object.fromEntries(Object.entries(set.terms).map(([name, rows]) => [name, gather(rows)])),
  };
}

/** Trained tokens, sequences, and tokens by group of some of a learning set. */
export function totalsOfSet(set: LearningSet, which: readonly number[]): Totals {
  let tokens = 0;
  let sequences = 0;
  const groupTokens = new Map<number, number>();
  for (const s of which) {
    let here = 0;
    for (const m of set.masks[s]!) here += m ? 1 : 0;
    if (here === 0) continue;
    tokens += here;
    sequences++;
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
