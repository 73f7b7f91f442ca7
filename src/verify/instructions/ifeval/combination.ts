import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { nonEmpty, none, outcome, quote } from '../outcome.ts';
import { isBlank, strip } from '../python.ts';

export const combination: readonly Constraint[] = [
  constraint('combination:two_responses', none, (text) => {
    const pieces = text.split('******');
    const blankInside = pieces.slice(1, -1).some(isBlank);
    if (blankInside) return outcome(false, 'has an empty response between separators');
    const responses = pieces.filter((piece) => !isBlank(piece));
    if (responses.length !== 2)
      return outcome(
        false,
        `has ${responses.length} response${responses.length === 1 ? '' : 's'} separated by ******, 2 asked`,
      );
    const different = strip(responses[0]!) !== strip(responses[1]!);
    return outcome(different, different ? 'has two different responses' : 'gives the same response twice');
  }),
  constraint(
    'combination:repeat_prompt',
    z.object({ prompt_to_repeat: nonEmpty }),
    (text, { prompt_to_repeat: prompt }) => {
      const ok = strip(text).toLowerCase().startsWith(strip(prompt).toLowerCase());
      return outcome(ok, ok ? 'starts with the request' : `does not start with ${quote(prompt)}`);
    },
  ),
];
