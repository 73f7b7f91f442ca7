import type { Json } from './json.ts';

/** A memory of a reward, an estimator or an objective: stored in checkpoints; a reward's is frozen while `phase` is 'evaluate'. */
export interface RewardState {
  save(): Json;
  load(saved: Json): void;
  /** Back to how a new run starts. */
  reset(): void;
}

/** Something made of parts of its own kind, some of which remember: a reward, an estimator, an objective. */
export interface Remembering {
  readonly state?: RewardState;
  readonly children?: { readonly [name: string]: Remembering };
}

/** Every part of a tree with a memory, by its path: what a checkpoint stores. */
export function memoriesOf(of: Remembering, path = ''): [string, RewardState][] {
  const here: [string, RewardState][] = of.state ? [[path || '.', of.state]] : [];
  for (const [name, child] of Object.entries(of.children ?? {}))
    here.push(...memoriesOf(child, path ? `${path}.${name}` : name));
  return here;
}
