import { Fuel } from '../../core/fuel.ts';
import { canonicalShape } from './canonical.ts';
import { mathOptions } from './options.ts';
import { longestAnswer, read } from './read.ts';
import { shapeOf } from './shape.ts';

const defaults = mathOptions.parse({});

/**
 * One text for each class of equal answers: 1/2, 0.5 and \frac12 give the same. Undefined for what has no canonical form
 * here (over-long, empty, a case distinction). For votes, entropies and caches. Never throws.
 */
export function canonicalAnswer(text: string): string | undefined {
  if (text.length > longestAnswer) return undefined;
  try {
    const fuel = new Fuel(200_000);
    const reading = read(text, fuel);
    const shape = shapeOf(reading.node, { fuel, chains: defaults.chains });
    return canonicalShape(shape, { fuel, options: defaults, forms: new Map() });
  } catch {
    // Over the fuel, or over a limit of the engine: no canonical form.
    return undefined;
  }
}
