import { type AnyRewardFactory, InputError, Registry, type Reward } from '../core/index.ts';
import { choice, countdown, exact, gsm8k, number, tagFormat } from '../verify/index.ts';
import { instructions, lightIf } from '../verify/instructions/index.ts';
import { math } from '../verify/math/index.ts';
import * as text from '../verify/text/index.ts';
import { combinedBy } from './combined-by.ts';
import { graderReward } from './grader/grader.ts';
import { shapedBy } from './shaped-by.ts';
import { coerceOptions, readSpec } from './spec.ts';
import { weightedBy } from './weighted-by.ts';

/**
 * Every reward that can be selected by name, explicitly: nothing registers itself by being imported, so that one verifier
 * can be imported alone.
 */
const factories: readonly AnyRewardFactory[] = [
  choice,
  countdown,
  exact,
  gsm8k,
  instructions,
  lightIf,
  math,
  number,
  tagFormat,
  weightedBy(buildReward),
  ...combinedBy(buildReward),
  ...shapedBy(buildReward),
  ...Object.values(text),
];

export const rewards: Registry<AnyRewardFactory> = new Registry<AnyRewardFactory>(
  'reward',
  factories.map((factory) => [factory.definition.name, factory] as const),
);

/**
 * A reward from its spec: a name, `name?option=value`, or `{ name, options }`; a reward stays as it is. Throws InputError
 * for unknown names and wrong options, UnsupportedError for what is known and not here. Modules need `loadReward`.
 */
export function buildReward(from: unknown): Reward {
  if (isReward(from)) return from;
  const spec = readSpec(from);
  if (spec.kind === 'module')
    throw new InputError('a module cannot be a reward here; it must be loaded first', { file: spec.path });
  if (spec.kind === 'grader') return graderReward(spec.grader);
  const factory = rewards.get(spec.name);
  const options = spec.query
    ? coerceOptions(factory.definition.options, spec.query, `reward '${spec.name}'`)
    : spec.options;
  return factory(options as never);
}

export function isReward(from: unknown): from is Reward {
  return typeof from === 'object' && from !== null && typeof (from as Reward).score === 'function';
}
