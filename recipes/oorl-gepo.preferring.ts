import {
  type Demonstration,
  type Engine,
  type EngineSpec,
  type EngineState,
  linear,
  type Objective,
  scheduleAt,
  stream,
} from 'assay/core';
import { crossEntropy, dpo, groupPreference } from 'assay/objective';
import {
  demonstrationSet,
  demonstrationsOf,
  type LearningSet,
  learn,
  type Metrics,
  type StudyContext,
} from 'assay/train';

/** What a study of preferences between equivalent and mistaken programs is about. */
export interface Setting {
  readonly engine: EngineSpec;
  /** What the reference learns from. */
  readonly demonstrations: readonly Demonstration[];
  /** The preferences, problem by problem. */
  readonly groups: readonly (readonly Demonstration[])[];
  /** Problems without preferences, each with its equivalent forms; the one that never won comes last. */
  readonly held: readonly { readonly prompt: string; readonly forms: readonly string[] }[];
  /** What else is measured after the training. */
  readonly further?: (policy: Engine, reference: Engine) => Promise<Metrics>;
}

/** Seeds and arms run beside each other, in processes of their own. Results do not depend on the number of threads. */
const threads = 1;

/** Preferences of one problem: its winners, and as many different losers; `loser` gives undefined where an attempt fails. */
export function preferenceGroup(
  prompt: string,
  winners: readonly string[],
  group: string,
  loser: () => string | undefined,
): Demonstration[] {
  const losers = new Set<string>();
  for (let attempt = 0; losers.size < winners.length; attempt++) {
    if (attempt === 10_000) throw new RangeError(`too few mutations of '${winners[0]}' are told from it`);
    const code = loser();
    if (code !== undefined) losers.add(code);
  }
  const of = (role: 'winner' | 'loser') => (completion: string) => ({ prompt, completion, role, group });
  return [...winners.map(of('winner')), ...[...losers].map(of('loser'))];
}

/** The policy of a seed after its warm start: the reference, skewed towards the straightforward form. */
export async function warmed(
  { engine, demonstrations }: Setting,
  seed: number,
  steps: number,
  signal: AbortSignal,
): Promise<EngineState> {
  const policy = await engine.create({ seed, threads });
  for (let step = 0; step < steps; step++) {
    signal.throwIfAborted();
    const drawn = demonstrationsOf(demonstrations, 64, step, stream(seed, 'warm-start'));
    const rate = scheduleAt(linear({ from: 3e-3, to: 3e-4 }), step, steps);
    await update(policy, demonstrationSet(policy, drawn), crossEntropy(), rate, step, {});
  }
  const state = await policy.save();
  await policy.close();
  return state;
}

export interface Settings {
  readonly learningRate: number;
  readonly steps?: number;
  readonly warmStart?: number;
}

/** Trains the reference of a seed on preferences alone, and measures what became of it. */
export async function prefer(
  setting: Setting,
  start: EngineState,
  seed: number,
  objective: Objective,
  { learningRate, steps = 100 }: Settings,
  { signal, progress }: StudyContext,
): Promise<Metrics> {
  const policy = await setting.engine.create({ seed, threads });
  await policy.load(start);
  const reference = await policy.snapshot();
  for (let step = 0; step < steps; step++) {
    signal.throwIfAborted();
    const drawn = demonstrationsOf(setting.groups.flat(), 8, step, stream(seed, 'preferences'));
    const set = demonstrationSet(policy, drawn);
    await update(policy, set, objective, learningRate, step, { start: await logprobs(reference, set) });
    progress((step + 1) / steps);
  }
  const metrics = {
    ...(await measured(setting, policy, reference)),
    ...(await setting.further?.(policy, reference)),
  };
  await policy.close();
  await reference.close();
  return metrics;
}

function update(
  policy: Engine,
  set: LearningSet,
  objective: Objective,
  learningRate: number,
  step: number,
  references: { readonly [name: string]: readonly Float64Array[] },
) {
  return learn({
    engine: policy,
    set,
    objective,
    optimizer: { learningRate, clipNorm: 1 },
    epochs: 1,
    minibatches: 1,
    temperature: 1,
    references,
    context: { step, totalSteps: step + 1, stage: '' },
    random: stream(0, 'learn'),
  });
}

async function logprobs(of: Engine, { sequences }: LearningSet): Promise<Float64Array[]> {
  const pass = await of.forward(sequences, { tape: false });
  return sequences.map((_, s) => pass.logprobs.slice(pass.starts[s]!, pass.starts[s + 1]!));
}

const total = (of: ArrayLike<number>): number => Array.from(of).reduce((sum, x) => sum + x, 0);
export const mean = (of: readonly number[]): number => total(of) / of.length;

/** Log-probabilities of whole programs, and how much they rose above the reference's. */
export async function ratios(policy: Engine, reference: Engine, programs: readonly Demonstration[]) {
  const set = demonstrationSet(policy, programs);
  const [now, then] = [await logprobs(policy, set), await logprobs(reference, set)];
  return programs.map(({ role, group }, i) => {
    const logprob = total(now[i]!);
    return { role, group, logprob, ratio: logprob - total(then[i]!) };
  });
}

/**
 * Of the preferences: `margin`, by how much the winners' mean log-ratio is above the losers', and `spread`, the variance of
 * the winners'. Of held-out problems: `heldOut`, the mean log-ratio of the form that never won, `form0` and on
 * those of the others, and `mass`, the probability of all forms together (`massBefore`: the reference's).
 */
async function measured(
  { groups: preferred, held }: Setting,
  policy: Engine,
  reference: Engine,
): Promise<Metrics> {
  const trained = await ratios(policy, reference, preferred.flat());
  const groups = [...Map.groupBy(trained, ({ group }) => group).values()].map((group) => {
    const of = (side: string) => group.filter(({ role }) => role === side).map(({ ratio }) => ratio);
    const [winners, losers] = [of('winner'), of('loser')];
    const won = mean(winners);
    return { won, lost: mean(losers), spread: mean(winners.map((ratio) => (ratio - won) ** 2)) };
  });
  const forms = await Promise.all(
    held[0]!.forms.map((_, form) =>
      ratios(
        policy,
        reference,
        held.map(({ prompt, forms: of }) => ({ prompt, completion: of[form]! })),
      ),
    ),
  );
  const mass = (of: (one: { logprob: number; ratio: number }) => number) =>
    total(forms.map((each) => mean(each.map((one) => Math.exp(of(one))))));
  const means = forms.map((each) => mean(each.map(({ ratio }) => ratio)));
  return {
    winners: mean(groups.map(({ won }) => won)),
    losers: mean(groups.map(({ lost }) => lost)),
    margin: mean(groups.map(({ won, lost }) => won - lost)),
    spread: mean(groups.map(({ spread }) => spread)),
    heldOut: means.at(-1)!,
    ...Object.fromEntries(means.slice(0, -1).map((each, form) => [`form${form}`, each])),
    mass: mass(({ logprob }) => logprob),
    massBefore: mass(({ logprob, ratio }) => logprob - ratio),
  };
}

/** Group preference with λ = 1. The paper gives no β. */
export const gepo = (beta: number) => groupPreference({ to: 'start', beta });
/** λ = 0: DPO on the means of the groups. */
export const averaged = (beta: number) => groupPreference({ to: 'start', beta, variance: 0 });
export const pairs = (beta: number) => dpo({ to: 'start', beta });
