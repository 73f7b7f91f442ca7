import type { Json } from '../../core/index.ts';
import { referenceTexts } from '../exact.ts';

/**
 * The gold answers of a task as texts: a string, number or boolean is one, a list of them several. With `split`, each
 * string is cut there ('/' or '<|answer_split|>'). Blank ones are dropped; none at all is undefined: the reference's fault.
 */
export function goldTexts(answer: Json | undefined, split?: string): string[] | undefined {
  const golds = referenceTexts(answer)?.flatMap((gold) => (split ? gold.split(split) : [gold]));
  const kept = golds?.filter((gold) => gold.trim() !== '');
  return kept !== undefined && kept.length > 0 ? kept : undefined;
}
