import { didYouMean } from './options.ts';
import type { Sample } from './sample.ts';

/**
 * One line that says of a part's name that no verdict of these samples has it, with the parts that there are; undefined where one
 * has it, or where nothing was judged. It is no error: a cascade does not ask its second reward every time, and what is malformed
 * may have no parts at all.
 */
export function unknownPart(
  part: string,
  by: string,
  samples: readonly Sample<unknown>[],
): string | undefined {
  const names = new Set<string>();
  let judged = 0;
  for (const { verdict } of samples) {
    // With a cause it is no verdict, though a recipe may have given it a number.
    if (verdict?.value == null || verdict.cause !== undefined) continue;
    judged++;
    for (const name of Object.keys(verdict.parts ?? {})) names.add(name);
  }
  if (names.has(part) || judged === 0) return undefined;
  const known = [...names].sort();
  const there = known.length > 0 ? `parts: ${known.slice(0, 12).join(', ')}` : 'they have no parts';
  return `${by} reads the part '${part}', which no verdict of the first step has (${there})${didYouMean(part, known)}`;
}
