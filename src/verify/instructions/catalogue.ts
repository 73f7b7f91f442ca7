import type { Constraint } from './constraint.ts';
import { ifbench } from './ifbench/index.ts';
import { ifeval } from './ifeval/index.ts';

/** IFEval's 25 types and IFBench's 58 by their public ids. */
export const builtin: ReadonlyMap<string, Constraint> = new Map(
  [...ifeval, ...ifbench].map((one) => [one.id, one]),
);

/** Public rows of the English suites may write `en:` before an id. */
export function withoutPrefix(id: string): string {
  return id.startsWith('en:') ? id.slice(3) : id;
}
