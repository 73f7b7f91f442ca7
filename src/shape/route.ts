import { z } from 'zod';
import {
  asReward,
  described,
  didYouMean,
  InputError,
  noVerdict,
  parseOptions,
  type Reward,
  type RewardContext,
  type RewardLike,
  type Sample,
  shownValue,
  type Verdict,
} from '../core/index.ts';
import { partOf, requireParts } from './parts.ts';
import { scoreWithin, widest } from './scoped.ts';

const schema = z.strictObject({ fallback: z.string().optional() });

export type RouteOptions = z.input<typeof schema>;

/**
 * The reward that a task names in its `reward` field, of several by name; `fallback` is the one for tasks that name none.
 * Each reward is asked about its own tasks alone. A name that is not there is no verdict (`reference`): the record is at
 * fault.
 */
export function route(rewards: { readonly [name: string]: RewardLike }, options: RouteOptions = {}): Reward {
  requireParts('route', rewards);
  const { fallback } = parseOptions(schema, options, "shape 'route'");
  const names = Object.keys(rewards);
  if (fallback !== undefined && !names.includes(fallback))
    throw new InputError(
      `shape 'route': option 'fallback': there is no reward '${shownValue(fallback)}' (rewards: ${names.join(', ')})${didYouMean(fallback, names)}`,
    );
  const children = Object.fromEntries(
    Object.entries(rewards).map(([name, reward]) => [name, asReward(reward, partOf('route', name))]),
  );
  const all = Object.values(children);
  const scope = widest(all.map((reward) => reward.scope));
  return described(
    'route',
    '1',
    { rewards: children, fallback },
    {
      scope,
      trainable: all.every((reward) => reward.trainable !== false),
      minimum: Math.min(...all.map((reward) => reward.minimum ?? 0)),
      children,
      score: (samples: readonly Sample<unknown>[], context: RewardContext) => {
        const verdicts = new Array<Verdict>(samples.length);
        const places = new Map<string, number[]>();
        samples.forEach(({ task }, i) => {
          const name = task.reward ?? fallback;
          if (name === undefined || !Object.hasOwn(children, name)) {
            const named = name === undefined ? 'no reward' : `'${name.slice(0, 80)}', which is none`;
            verdicts[i] = noVerdict('reference', `the task names ${named}`);
          } else if (places.has(name)) places.get(name)!.push(i);
          else places.set(name, [i]);
        });
        const waiting: Promise<void>[] = [];
        for (const [name, own] of places) {
          const members = own.map((i) => samples[i]!);
          const result = scoreWithin(children[name]!, scope, members, context);
          const keep = (found: readonly Verdict[]) =>
            own.forEach((place, k) => {
              verdicts[place] = { ...found[k]!, parts: { [name]: found[k]! } };
            });
          if (result instanceof Promise) waiting.push(result.then(keep));
          else keep(result);
        }
        return waiting.length > 0 ? Promise.all(waiting).then(() => verdicts) : verdicts;
      },
    },
  );
}
