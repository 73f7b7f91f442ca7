import { Registry } from '../../core/index.ts';
import type { Algorithm } from './algorithm.ts';
import { curricula } from './curricula.ts';
import { estimators } from './estimators.ts';
import { objectives } from './objectives.ts';
import { shapes } from './shapes.ts';

export type { Algorithm } from './algorithm.ts';
export { type Helper, helpers } from './helpers.ts';

const registry = (kind: string, entries: readonly Algorithm[]) =>
  new Registry<Algorithm>(
    kind,
    entries.map((entry) => [entry.name, entry] as const),
  );

/** What a recipe can be made of, by kind: formula, options, source, and where papers and codes differ. */
export const algorithms: {
  readonly estimators: Registry<Algorithm>;
  readonly objectives: Registry<Algorithm>;
  readonly curricula: Registry<Algorithm>;
  readonly shapes: Registry<Algorithm>;
} = {
  estimators: registry('estimator', estimators),
  objectives: registry('objective', objectives),
  curricula: registry('curriculum', curricula),
  shapes: registry('shape', shapes),
};
