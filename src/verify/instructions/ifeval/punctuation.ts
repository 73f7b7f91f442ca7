import { type Constraint, constraint } from '../constraint.ts';
import { none, outcome } from '../outcome.ts';
import { countOf } from '../python.ts';

export const punctuationMarks: readonly Constraint[] = [
  constraint('punctuation:no_comma', none, (text) => {
    const found = countOf(text, ',');
    return outcome(found === 0, found === 0 ? 'has no comma' : `has ${found} comma${found === 1 ? '' : 's'}`);
  }),
];
