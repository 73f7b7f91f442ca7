import { didYouMean } from './options.ts';
import type { Sample } from './sample.ts';

/**
 * A check that a part's name is one that verdicts have, for what reads a part: it throws RangeError naming the parts that there are
 * when samples have values and none of their verdicts has this part. Samples without a verdict say nothing about it. Once the
 * part was seen it is a name, and later batches may lack it: a cascade does not ask its second reward every time.
 */
export function partCheck(part: string, of: string): (samples: readonly Sample<unknown>[]) => void {
  let seen = false;
  return (samples) => {
    if (seen) return;
    const names = new Set<string>();
    let judged = 0;
    for (const { verdict } of samples) {
      // With a cause it is no verdict, though a recipe may have given it a number.
      if (verdict?.value == null || verdict.cause !== undefined) continue;
      judged++;
      for (const name of Object.keys(verdict.parts ?? {})) names.add(name);
    }
    seen = names.has(part);
    if (seen || judged === 0) return;
    const known = [...names].sort();
    throw new RangeError(
      `${of}: no verdict has the part '${part}' (${known.length > 0 ? `parts: ${known.join(', ')}` : 'they have no parts'})${didYouMean(part, known)}`,
    );
  };
}
