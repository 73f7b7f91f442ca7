import type { Json } from '../../core/json.ts';

/**
 * The gold answers of a task as texts: a string, number or boolean is one, a list of them several. With `split`, each
 * string is cut there ('/' or '<|answer_split|>'). Empty ones are dropped; none at all is null: the reference's fault.
 */
export function goldTexts(answer: Json | undefined, split?: string): string[] | null {
  const given = Array.isArray(answer) ? (answer as readonly Json[]) : [answer];
  const golds: string[] = [];
  for (const one of given) {
    if (typeof one === 'number' || typeof one === 'boolean') golds.push(String(one));
    else if (typeof one !== 'string') return null;
    else if (split) golds.push(...one.split(split));
    else golds.push(one);
  }
  const kept = golds.filter((gold) => gold.trim() !== '');
  return kept.length > 0 ? kept : null;
}

/** A text in quotes for a reason line: one line, cut in the middle of nothing but code points. */
export function quote(text: string, limit = 60): string {
  const line = text
    .slice(0, 4 * limit)
    .replace(/[\u0000-\u0020\u007f\u2028\u2029]+/g, ' ')
    .trim();
  const points = Array.from(line);
  return points.length > limit || text.length > 4 * limit
    ? `'${points.slice(0, limit).join('')}…'`
    : `'${line}'`;
}
