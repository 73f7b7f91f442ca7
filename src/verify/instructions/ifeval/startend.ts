import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { nonEmpty, none, outcome, quote } from '../outcome.ts';
import { strip, stripOf } from '../python.ts';

export const startend: readonly Constraint[] = [
  constraint('startend:end_checker', z.object({ end_phrase: nonEmpty }), (text, { end_phrase: phrase }) => {
    const wanted = strip(phrase);
    const found = stripOf(strip(text), '"');
    const ok = found.toLowerCase().endsWith(wanted.toLowerCase());
    return outcome(
      ok,
      ok ? `ends with ${quote(wanted)}` : `ends with ${quote(found.slice(-40))}, ${quote(wanted)} asked`,
    );
  }),
  constraint('startend:quotation', none, (text) => {
    const inner = strip(text);
    const ok = inner.length > 1 && inner.startsWith('"') && inner.endsWith('"');
    return outcome(ok, ok ? 'is in double quotation marks' : 'is not in double quotation marks as a whole');
  }),
];
