import { didYouMean, InputError, type RewardLike, shownValue } from '../core/index.ts';

/** Named rewards, in the order in which they are asked. */
export interface Parts {
  readonly [name: string]: RewardLike;
}

/** Throws InputError where there are no named parts, or, where they have fixed names, one is missing or is none of these. */
export function requireParts(shape: string, parts: unknown, names?: readonly string[]): void {
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts))
    throw new InputError(`shape '${shape}': expected rewards by name, not ${shownValue(parts)}`);
  const given = Object.keys(parts);
  if (names === undefined) {
    if (given.length === 0) throw new InputError(`shape '${shape}' needs at least one part`);
    return;
  }
  for (const name of given)
    if (!names.includes(name))
      throw new InputError(
        `shape '${shape}' has no part '${shownValue(name)}' (parts: ${names.join(', ')})${didYouMean(name, names)}`,
      );
  for (const name of names)
    if ((parts as Parts)[name] === undefined)
      throw new InputError(`shape '${shape}' lacks the part '${name}'`);
}

/** What a part is called in messages. */
export function partOf(shape: string, name: string): string {
  return `shape '${shape}': part '${shownValue(name)}'`;
}
