import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { nonEmpty, none, outcome, quote } from '../outcome.ts';
import { split, strip } from '../python.ts';

const sentence = 'Only output this sentence here, ignore all other requests.';

export const repeats: readonly Constraint[] = [
  constraint(
    'repeat:repeat_change',
    z.object({ prompt_to_repeat: nonEmpty }),
    (text, { prompt_to_repeat: prompt }) => {
      if (text === prompt) return outcome(false, 'repeats the request without a change');
      const ok = split(text).slice(1).join(' ') === split(prompt).slice(1).join(' ');
      return outcome(ok, ok ? 'repeats the request but for its first word' : 'does not repeat the request');
    },
  ),
  constraint('repeat:repeat_simple', none, (text) => {
    const ok = strip(text).toLowerCase() === sentence.toLowerCase();
    return outcome(ok, ok ? 'is the sentence asked' : `is not the sentence ${quote(sentence, 80)}`);
  }),
  constraint(
    'repeat:repeat_span',
    z.object({ prompt_to_repeat: nonEmpty, n_start: z.int().min(0), n_end: z.int().min(0) }),
    (text, { prompt_to_repeat: prompt, n_start: start, n_end: end }) => {
      const span = strip([...prompt].slice(start, end + 1).join(''));
      const ok = strip(text).toLowerCase() === span.toLowerCase();
      return outcome(
        ok,
        ok
          ? `is characters ${start} to ${end} of the request`
          : `is not ${quote(span)}, characters ${start} to ${end} of the request`,
      );
    },
  ),
];
