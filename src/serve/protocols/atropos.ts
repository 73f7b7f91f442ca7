import {
  type Estimator,
  InputError,
  oneLine,
  type Sample,
  UnsupportedError,
  type Verdict,
} from '../../core/index.ts';
import { Overloaded, type ScoreRequest, type Scorer } from '../scorer.ts';
import { type AtroposApi, type AtroposApiOptions, atroposApi } from './atropos-api.ts';

/** One rollout of a group: its tokens are the trainer's, its text is what is scored. */
export interface AtroposRollout {
  readonly request: ScoreRequest;
  /** Prompt and completion together. */
  readonly tokens: readonly number[];
  /** Per token: -100 where it is not trained on, else the token itself. */
  readonly masks: readonly number[];
  /** Per token, as the sampler gave them; 1 where it is not trained on. Atropos' example trainer needs them. */
  readonly inferenceLogprobs?: readonly number[];
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  /** What the trainer takes in place of its own settings, as `temperature`. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

export interface AtroposOptions extends AtroposApiOptions {
  /** How the rollouts were sampled: the trainer reads `temperature`. */
  readonly generationParams?: Readonly<Record<string, unknown>>;
  /**
   * Groups with a sample without a verdict: `fill` posts the registered size, `skip` leaves them out, as Atropos' own
   * environments do with groups that lack a member. Default `fill`.
   */
  readonly noVerdict?: 'fill' | 'skip';
  /** Groups whose scores are all the same: left out, as Atropos' own environments do, or posted. Default `skip`. */
  readonly uniform?: 'skip' | 'send';
  /** Its advantages are sent beside the scores, on every trained token. It must give one a sample, as `grpo()`. */
  readonly estimator?: Estimator;
}

export interface AtroposResult {
  readonly groups: number;
  /** Rollouts with a verdict that were posted. */
  readonly sent: number;
  /** Rollouts without a verdict. */
  readonly noVerdict: number;
  /** Groups that were not posted: too few verdicts, all scores the same, a rollout over the trainer's length. */
  readonly skipped: { readonly noVerdict: number; readonly uniform: number; readonly tooLong: number };
}

/**
 * Takes part in Atropos as an environment: registers, asks for room, takes the next group, scores it and posts it to
 * `/scored_data`, until the groups or the trainer's steps are done; then signs off. The caller samples: tokens cross this
 * wire, and only a sampler has them. A group is taken only when there is room, so that it is sampled from the newest policy.
 *
 * No verdict: Atropos packs batches of whole groups, and a group of any size that does not divide the others' is never
 * handed out, so a rollout without a verdict cannot be left away. It is posted with the mean of the others' scores and
 * `overrides: { set_advantage_to_zero: true, no_verdict: cause }`: the group's mean is that of the others, and its own
 * advantage 0, by the override or by the mean. Only a trainer that divides by the group's deviation sees the filler: with n
 * of N verdicts its advantages are √(N/n) too large, but for `estimator`'s, which never saw it. A group that came with too
 * few rollouts is filled with its first in the same way (`no_verdict: 'absent'`). With fewer than two verdicts it is left out.
 *
 * Throws InputError when a group is over the registered size or its arrays are of different lengths, UnsupportedError when
 * Atropos refuses, or does not answer for `tries` calls.
 */
export async function joinAtropos(
  options: AtroposOptions,
  groups: AsyncIterable<readonly AtroposRollout[]>,
  scorer: Pick<Scorer, 'score'>,
): Promise<AtroposResult> {
  const { groupSize, signal } = options;
  const api = atroposApi(options);
  const skipped = { noVerdict: 0, uniform: 0, tooLong: 0 };
  let [count, sent, noVerdict] = [0, 0, 0];
  const source = groups[Symbol.asyncIterator]();
  try {
    while (await api.room()) {
      const next = await source.next();
      if (next.done || signal?.aborted) break;
      const group = next.value;
      checkGroup(group, groupSize);
      count++;
      if (group.some(({ tokens }) => tokens.length >= api.tokenLimit)) {
        skipped.tooLong++;
        continue;
      }
      const verdicts = await scoreWhenRoom(scorer, group, options);
      const known = verdicts.flatMap(({ value }) => value ?? []);
      noVerdict += group.length - known.length;
      const whole = known.length === groupSize;
      if (known.length < Math.min(2, groupSize) || (options.noVerdict === 'skip' && !whole))
        skipped.noVerdict++;
      else if (
        (options.uniform ?? 'skip') === 'skip' &&
        groupSize > 1 &&
        known.every((one) => one === known[0])
      )
        skipped.uniform++;
      else if (await api.post(scoredData(group, verdicts, options, api))) sent += known.length;
    }
  } finally {
    await source.return?.();
    await api.leave();
  }
  return { groups: count, sent, noVerdict, skipped };
}

function checkGroup(group: readonly AtroposRollout[], groupSize: number): void {
  if (group.length > groupSize)
    throw new InputError(`a group of ${group.length} where ${groupSize} were registered`);
  for (const { tokens, masks, inferenceLogprobs = tokens } of group)
    if (masks.length !== tokens.length || inferenceLogprobs.length !== tokens.length)
      throw new InputError(
        `a rollout of ${tokens.length} tokens has ${masks.length} masks and ${inferenceLogprobs.length} log-probabilities`,
      );
}

async function scoreWhenRoom(
  scorer: Pick<Scorer, 'score'>,
  group: readonly AtroposRollout[],
  { pause = 1000, signal }: AtroposOptions,
): Promise<readonly Verdict[]> {
  for (;;) {
    try {
      return await scorer.score(
        group.map(({ request }) => request),
        signal,
      );
    } catch (thrown) {
      if (!(thrown instanceof Overloaded) || signal?.aborted) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** One group as `/scored_data` takes it, at the registered size. */
function scoredData(
  group: readonly AtroposRollout[],
  verdicts: readonly Verdict[],
  { groupSize, generationParams, estimator }: AtroposOptions,
  { status }: AtroposApi,
) {
  const known = verdicts.flatMap(({ value }) => value ?? []);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const rollouts = Array.from({ length: groupSize }, (_, i) => group[i] ?? group[0]!);
  const score = (i: number) => verdicts[i]?.value ?? undefined;
  const overrides = rollouts.map(({ overrides }, i) =>
    score(i) === undefined
      ? { ...overrides, set_advantage_to_zero: true, no_verdict: verdicts[i]?.cause ?? 'absent' }
      : { ...overrides },
  );
  const advantages = estimator && advantagesOf(estimator, group, verdicts, status);
  return {
    tokens: rollouts.map(({ tokens }) => tokens),
    masks: rollouts.map(({ masks }) => masks),
    scores: rollouts.map((_, i) => score(i) ?? mean),
    ...(advantages && {
      advantages: rollouts.map(({ masks }, i) =>
        masks.map((mask) => (mask === -100 ? 0 : (advantages[i] ?? 0))),
      ),
    }),
    ...(rollouts.every(({ inferenceLogprobs }) => inferenceLogprobs) && {
      inference_logprobs: rollouts.map(({ inferenceLogprobs }) => inferenceLogprobs),
    }),
    ...(rollouts.every(({ messages }) => messages) && { messages: rollouts.map(({ messages }) => messages) }),
    ...(generationParams && { generation_params: generationParams }),
    ...(overrides.some((one) => Object.keys(one).length > 0) && { overrides }),
  };
}

/** One a rollout. Rollouts without a verdict are in no baseline. */
function advantagesOf(
  estimator: Estimator,
  group: readonly AtroposRollout[],
  verdicts: readonly Verdict[],
  status: AtroposApi['status'],
): Float64Array {
  const samples = group.map(({ request }, i): Sample => {
    const { id, task } = request.sample;
    return { id: id ?? String(i), task: { id: '0', ...task }, turns: [], verdict: verdicts[i]! };
  });
  const context = { step: status?.step ?? 0, totalSteps: status?.totalSteps ?? 0, stage: 'atropos' };
  const { terms } = estimator.estimate({ groups: [{ task: samples[0]!.task, samples }] }, context);
  if (terms.policy?.of !== 'sample')
    throw new UnsupportedError(`the estimator '${oneLine(estimator.name, 60)}' gives no advantage a sample`);
  return terms.policy.values;
}
