import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, none, outcome } from '../outcome.ts';
import { countOf, isBlank, strip } from '../python.ts';
import { splitSentences } from '../sentences.ts';

/** Rules about lines and lists. */
export const lists: readonly Constraint[] = [
  constraint('format:line_indent', none, (text) => {
    const lines = withoutBlankLines(text.split('\n'));
    for (let i = 1; i < lines.length; i++)
      if (indent(lines[i]!) <= indent(lines[i - 1]!))
        return outcome(
          false,
          `a line is indented by ${indent(lines[i]!)} after one by ${indent(lines[i - 1]!)}`,
        );
    return outcome(true, 'each line is indented more than the one before');
  }),
  constraint('format:list', z.object({ sep: z.string().min(1) }), (text, { sep }) =>
    compared(countOf(text, sep), 'at least', 2, `occurrences of the marker "${sep.slice(0, 40)}"`),
  ),
  // A text without any asterisk passes, as in the reference.
  constraint('format:sub-bullets', none, (text) => {
    const bullets = text.split('*').slice(1);
    const bare = bullets.findIndex((bullet) => !bullet.includes('-'));
    return outcome(
      bare < 0,
      bare < 0
        ? `has ${bullets.length} bullets, each with a sub-bullet`
        : `bullet ${bare + 1} has no sub-bullet`,
    );
  }),
  constraint('format:no_bullets_bullets', none, (text) => {
    let sentences = 0;
    let bullets = 0;
    let open = true; // no blank line and no bullet yet
    for (const line of text.split('\n')) {
      const inner = strip(line);
      if (inner.startsWith('*')) {
        open = false;
        if (sentences < 2)
          return outcome(false, `has ${sentences} sentences before the bullets, at least 2 asked`);
        bullets++;
      } else if (!open) return outcome(false, 'has text after the sentences that is no bullet');
      else {
        const found = splitSentences(inner).length;
        sentences += found;
        open = found > 0;
      }
    }
    return compared(bullets, 'at least', 2, 'bullets');
  }),
];

function indent(line: string): number {
  let spaces = 0;
  while (line[spaces] === ' ') spaces++;
  return spaces;
}

/**
 * The reference removes blank lines from the list that it walks: after each one it skips a line, and what it removes is
 * the first line equal to the blank one. So of blank lines in a row every second stays; this follows it in linear time.
 */
function withoutBlankLines(lines: readonly string[]): string[] {
  const left = new Map<string, number[]>();
  for (let i = lines.length - 1; i >= 0; i--)
    if (isBlank(lines[i]!)) {
      const places = left.get(lines[i]!);
      if (places) places.push(i);
      else left.set(lines[i]!, [i]);
    }
  const removed = new Set<number>();
  for (let i = 0; i < lines.length; i++)
    if (isBlank(lines[i]!)) {
      removed.add(left.get(lines[i]!)!.pop()!);
      i++;
    }
  return lines.filter((_, i) => !removed.has(i));
}
