import {
  asReward,
  described,
  noVerdict,
  type Reward,
  type RewardContext,
  type RewardLike,
  type RewardState,
  type Sample,
  type Scope,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { partOf } from './parts.ts';
import { scoreWithin, widest } from './scoped.ts';

export interface Composition<Name extends string> {
  readonly name: string;
  readonly options: { readonly [option: string]: unknown };
  readonly parts: { readonly [part in Name]: RewardLike };
  /** At least this scope; wider where a part is. */
  readonly scope?: Scope;
  readonly minimum?: number;
  readonly state?: RewardState;
  /** One verdict a sample from the columns of the parts. */
  combine(
    columns: { readonly [part in Name]: readonly Verdict[] },
    samples: readonly Sample<unknown>[],
    context: RewardContext,
  ): readonly Verdict[];
}

/** A reward made of rewards: each part is asked within the widest scope, and `combine` makes the verdicts. */
export function compose<Name extends string>(of: Composition<Name>): Reward {
  const children = Object.fromEntries(
    Object.entries<RewardLike>(of.parts).map(([name, part]) => [name, asReward(part, partOf(of.name, name))]),
  ) as { [part in Name]: Reward };
  const rewards = Object.entries<Reward>(children);
  const scope = widest([of.scope ?? 'sample', ...rewards.map(([, reward]) => reward.scope)]);
  return described(
    of.name,
    '1',
    { ...of.options, parts: children },
    {
      scope,
      trainable: rewards.every(([, reward]) => reward.trainable !== false),
      ...(of.minimum !== undefined && { minimum: of.minimum }),
      ...(of.state && { state: of.state }),
      children,
      score: (samples: readonly Sample<unknown>[], context: RewardContext) => {
        const columns = rewards.map(([, reward]) => scoreWithin(reward, scope, samples, context));
        const finish = (all: readonly (readonly Verdict[])[]) =>
          of.combine(
            Object.fromEntries(rewards.map(([name], k) => [name, all[k]!])) as {
              [part in Name]: readonly Verdict[];
            },
            samples,
            context,
          );
        return columns.some((column) => column instanceof Promise)
          ? Promise.all(columns).then(finish)
          : finish(columns as (readonly Verdict[])[]);
      },
    },
  );
}

/** No verdict, because this part gave none. */
export function missing(name: string, from: Verdict): Verdict {
  return noVerdict(from.cause ?? 'crash', `${name}: ${from.reason ?? 'no verdict'}`, kept({ [name]: from }));
}

/** The parts under their names, with the answer, place and spans of the first that has them. */
export function kept(parts: {
  readonly [name: string]: Verdict;
}): Omit<Verdict, 'value' | 'cause' | 'reason'> {
  const all = Object.values(parts);
  const reader = all.find(({ answer }) => answer !== undefined);
  const spans = all.flatMap((one) => one.spans ?? []);
  return {
    parts,
    ...(spans.length > 0 && { spans }),
    ...(reader && { answer: reader.answer, ...(reader.at && { at: reader.at }) }),
  };
}

/** A finite value as a verdict with its parts; one that is not is the checker's fault. */
export function valued(value: number, reason: string, parts: { readonly [name: string]: Verdict }): Verdict {
  return Number.isFinite(value)
    ? verdict(value, reason, kept(parts))
    : noVerdict('crash', `${reason} is not finite`, kept(parts));
}

/** A number in a reason: at most six digits. */
export function shown(x: number): string {
  return String(Number(x.toPrecision(6)));
}

/** A reward whose values are mapped one by one; no verdict passes through. */
export function mapValues(
  name: string,
  options: { readonly [option: string]: unknown },
  inner: RewardLike,
  map: (value: number, sample: Sample<unknown>, context: RewardContext, whole: Verdict) => Verdict,
  minimum?: number,
): Reward {
  return compose({
    name,
    options,
    parts: { inner },
    ...(minimum !== undefined && { minimum }),
    combine: (columns, samples, context) =>
      columns.inner.map((one, i) =>
        one.value === null ? missing('inner', one) : map(one.value, samples[i]!, context, one),
      ),
  });
}
