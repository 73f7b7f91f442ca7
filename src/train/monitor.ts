import { type Group, isNoVerdict, type Sample, sampleLength, type Verdict } from '../core/index.ts';
import type { Success } from './recipe.ts';

/** The verdict that says whether a sample is solved: the whole, or one of its parts. */
function deciding(verdict: Verdict | undefined, { part }: Success): Verdict | undefined {
  return part === undefined || verdict?.value == null ? verdict : verdict.parts?.[part];
}

/** Whether a verdict counts as solved. No verdict is not solved, and is counted apart. */
export function isSolved(verdict: Verdict | undefined, success: Success): boolean {
  const { value } = deciding(verdict, success) ?? { value: null };
  return value !== null && value >= success.atLeast;
}

/**
 * The verdict that leaves it open whether a sample is solved: of the whole, or of the part that decides. A part that is not
 * there leaves nothing open: it was not asked (of a malformed answer, say), and the sample is not solved.
 */
export function openVerdict(
  verdict: Verdict | undefined,
  success: Success,
): Pick<Verdict, 'value' | 'cause'> | undefined {
  if (verdict?.value == null) return verdict ?? { value: null };
  const own = deciding(verdict, success);
  return own?.value === null ? own : undefined;
}

/** The share of the samples that are solved, of those that were judged; NaN when none was. */
function solveRate(samples: readonly Sample<unknown>[], success: Success): number {
  const judged = samples.filter(({ verdict }) => !openVerdict(verdict, success));
  return judged.filter(({ verdict }) => isSolved(verdict, success)).length / judged.length;
}

/**
 * What a step's rollouts look like: reward mean and deviation, each part's mean, solve rate (over those that were judged),
 * share and causes of no verdict, length (also of those that stopped by themselves), truncated share, entropy (mean −log p
 * of the sampled tokens), share of groups without variance.
 */
export function rolloutMetrics(groups: readonly Group<unknown>[], success: Success): Record<string, number> {
  const samples = groups.flatMap((group) => group.samples);
  const judged = samples.filter((sample) => !isNoVerdict(sample.verdict));
  const values = judged.map((sample) => sample.verdict!.value!);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const out: Record<string, number> = {};
  if (values.length > 0) {
    out.reward = mean;
    out['reward.std'] = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    const rate = solveRate(samples, success);
    if (!Number.isNaN(rate)) out.solveRate = rate;
  }
  out.noVerdict = samples.length > 0 ? 1 - judged.length / samples.length : 0;
  for (const { verdict } of samples)
    if (verdict?.cause)
      out[`noVerdict.${verdict.cause}`] = (out[`noVerdict.${verdict.cause}`] ?? 0) + 1 / samples.length;
  for (const [name, value] of Object.entries(partMeans(judged))) out[`part.${name}`] = value;
  Object.assign(out, tokenMetrics(samples));
  const uniform = groups.filter((group) => {
    const own = group.samples.flatMap(({ verdict }) => (verdict?.value == null ? [] : [verdict.value]));
    return own.every((v) => v === own[0]);
  });
  if (groups.length > 0) out.zeroVariance = uniform.length / groups.length;
  return out;
}

/** Mean of each part of some verdicts, over those in which it has a value. */
export function partMeans(samples: readonly Sample<unknown>[]): Record<string, number> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const { verdict } of samples)
    for (const [name, part] of Object.entries(verdict?.parts ?? {})) {
      if (part.value === null) continue;
      const entry = sums.get(name) ?? { sum: 0, n: 0 };
      entry.sum += part.value;
      entry.n++;
      sums.set(name, entry);
    }
  return Object.fromEntries([...sums].map(([name, { sum, n }]) => [name, sum / n]));
}

function tokenMetrics(samples: readonly Sample<unknown>[]): Record<string, number> {
  let surprise = 0;
  let tokens = 0;
  let length = 0;
  let cut = 0;
  let stoppedLength = 0;
  for (const sample of samples) {
    const own = sampleLength(sample) ?? 0;
    length += own;
    if (sample.turns.at(-1)?.completion.finish === 'length') cut++;
    else stoppedLength += own;
    for (const { completion } of sample.turns)
      for (let t = completion.prefilled ?? 0; t < completion.logprobs.length; t++) {
        surprise -= completion.logprobs[t]!;
        tokens++;
      }
  }
  const n = Math.max(1, samples.length);
  return {
    entropy: tokens > 0 ? surprise / tokens : 0,
    length: length / n,
    // Of those that were not cut: a mean of all hides what the limit hides.
    ...(samples.length > cut && { 'length.stopped': stoppedLength / (samples.length - cut) }),
    truncated: cut / n,
  };
}

/** Tokens that were sampled in these groups. */
export function sampledTokens(groups: readonly Group<unknown>[]): number {
  let total = 0;
  for (const { samples } of groups)
    for (const { turns } of samples)
      for (const { completion } of turns) total += completion.tokens.length - (completion.prefilled ?? 0);
  return total;
}
