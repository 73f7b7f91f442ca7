import { z } from 'zod';
import { type Constraint, constraint } from './constraint.ts';
import { outcome, quote } from './outcome.ts';

/**
 * Constraints small enough for a policy that writes letters: how long, which letters are forbidden, how it starts and
 * ends. Ids start with `tiny:`.
 */
export const tinyConstraints: readonly Constraint[] = [
  constraint(
    'tiny:length',
    z.object({ least: z.int().min(0), most: z.int().min(0) }),
    (text, { least, most }) =>
      outcome(
        text.length >= least && text.length <= most,
        `has ${text.length} letters, ${least} to ${most} asked`,
      ),
  ),
  constraint('tiny:without', z.object({ letters: z.string().min(1) }), (text, { letters }) => {
    const found = [...letters].find((letter) => text.includes(letter));
    return outcome(
      found === undefined,
      found === undefined ? 'has no forbidden letter' : `has the letter ${found}`,
    );
  }),
  constraint('tiny:start', z.object({ text: z.string().min(1) }), (text, { text: wanted }) =>
    outcome(text.startsWith(wanted), `starts with ${quote(text.slice(0, 8))}, ${quote(wanted)} asked`),
  ),
  constraint('tiny:end', z.object({ text: z.string().min(1) }), (text, { text: wanted }) =>
    outcome(text.endsWith(wanted), `ends with ${quote(text.slice(-8))}, ${quote(wanted)} asked`),
  ),
];
