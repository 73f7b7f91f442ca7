import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, nonEmpty, outcome, quote } from '../outcome.ts';
import { spaces, strip } from '../python.ts';

const markers: { readonly [marker: string]: RegExp } = {
  'P.P.S': new RegExp(`p\\.[${spaces}]?p\\.[${spaces}]?s`),
  'P.S.': new RegExp(`p\\.[${spaces}]?s\\.`),
};

export const content: readonly Constraint[] = [
  constraint(
    'detectable_content:number_placeholders',
    z.object({ num_placeholders: count }),
    (text, { num_placeholders: bound }) => compared(placeholders(text), 'at least', bound, 'placeholders'),
  ),
  constraint(
    'detectable_content:postscript',
    z.object({ postscript_marker: nonEmpty }),
    (text, { postscript_marker: marker }) => {
      const trimmed = strip(marker);
      const lowered = text.toLowerCase();
      const found = markers[trimmed]?.test(lowered) ?? lowered.includes(trimmed.toLowerCase());
      return outcome(
        found,
        found ? `has the postscript ${quote(trimmed)}` : `has no postscript ${quote(trimmed)}`,
      );
    },
  ),
];

/** Pieces in square brackets on one line; an opening bracket inside one does not count. */
function placeholders(text: string): number {
  let found = 0;
  let close = -1;
  let lineEnd = -1;
  for (let open = text.indexOf('['); open >= 0; open = text.indexOf('[', open)) {
    if (close < open) close = text.indexOf(']', open);
    if (close < 0) break;
    if (lineEnd < open) {
      lineEnd = text.indexOf('\n', open);
      if (lineEnd < 0) lineEnd = text.length;
    }
    if (close < lineEnd) {
      found++;
      open = close + 1;
    } else open = lineEnd + 1; // no bracket closes on this line
  }
  return found;
}
