import { z } from 'zod';
import {
  type AnyRewardFactory,
  InputError,
  parseOptions,
  type Reward,
  type RewardFactory,
} from '../core/index.ts';

/** The option that holds the rewards inside: whatever it is called, `loadReward` looks for modules in `parts`. */
export const parts = z
  .record(z.string().min(1), z.unknown())
  .describe('by name: a reward (its name, name?option=value or { name, options })');

/** The same for a reward with parts of these names and no others. */
export const partsNamed = (about: string) => parts.describe(`${about}: each a reward, as SPEC`);

type Definition = AnyRewardFactory['definition'];
type Parts = { readonly [name: string]: Reward };

/** Defines a reward of the catalogue that is made of others. */
export type DefineComposite = <S extends z.ZodObject>(
  definition: Omit<Definition, 'version' | 'options'> & { options: S },
  make: (parts: Parts, options: z.output<S>) => Reward,
) => AnyRewardFactory;

/**
 * Definitions whose parts are specs. `build` makes a reward of one; it is handed in because it knows the catalogue that these
 * factories are part of.
 */
export function compositeBy(build: (spec: unknown) => Reward): DefineComposite {
  return (definition, make) => {
    const factory = (given: unknown = {}): Reward => {
      const parsed = parseOptions(definition.options, given, `reward '${definition.name}'`);
      const specs = Object.entries((parsed.parts ?? {}) as Record<string, unknown>);
      if (parsed.parts !== undefined && specs.length === 0)
        throw new InputError(`reward '${definition.name}': option 'parts' is empty`);
      return make(Object.fromEntries(specs.map(([name, spec]) => [name, build(spec)])), parsed);
    };
    return Object.assign(factory as RewardFactory, {
      definition: { version: '1', ...definition } satisfies Definition,
    });
  };
}

/** The parts of these names. Throws InputError where one is missing or another one is there. */
export function exactly<Name extends string>(
  of: string,
  built: Parts,
  ...names: readonly Name[]
): { readonly [name in Name]: Reward } {
  if (Object.keys(built).length !== names.length || !names.every((name) => Object.hasOwn(built, name)))
    throw new InputError(
      `reward '${of}': option 'parts' names ${names.length === 1 ? 'one reward' : `${names.length} rewards`}: ${names.join(', ')}`,
    );
  return built as { readonly [name in Name]: Reward };
}

/** Of parsed options, those of a shape's own schema. */
export function only<S extends z.ZodObject>(schema: S, options: z.output<S>): z.output<S> {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(schema.shape, name)),
  ) as z.output<S>;
}
