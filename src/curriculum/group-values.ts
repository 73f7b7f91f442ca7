import type { Group } from '../core/index.ts';

/** The values of a group's verdicts, or of one part of them; members without one are left out. */
export function groupValues(group: Group<unknown>, part?: string): number[] {
  return group.samples
    .map(({ verdict }) => {
      if (verdict?.value == null) return null;
      return part === undefined ? verdict.value : (verdict.parts?.[part]?.value ?? null);
    })
    .filter((value) => value !== null);
}

/** The mean of them, undefined for none. */
export function groupMean(group: Group<unknown>, part?: string): number | undefined {
  const values = groupValues(group, part);
  return values.length > 0 ? values.reduce((sum, x) => sum + x, 0) / values.length : undefined;
}
