import { z } from 'zod';
import { type Constraint, constraint, type Outcome } from '../constraint.ts';
import { detectLanguage } from '../language.ts';
import { compared, count, none, outcome, relation } from '../outcome.ts';
import { isLower, isUpper } from '../python.ts';
import { tokenize } from '../tokens.ts';

export const letterCase: readonly Constraint[] = [
  constraint(
    'change_case:capital_word_frequency',
    z.object({ capital_frequency: count, capital_relation: relation }),
    (text, { capital_frequency: bound, capital_relation: asked }) =>
      compared(tokenize(text).filter(isUpper).length, asked, bound, 'words in capital letters'),
  ),
  constraint('change_case:english_capital', none, (text) =>
    isUpper(text) ? english(text) : outcome(false, 'has lower-case letters, or no letters'),
  ),
  constraint('change_case:english_lowercase', none, (text) =>
    isLower(text) ? english(text) : outcome(false, 'has capital letters, or no letters'),
  ),
];

function english(text: string): Outcome {
  const language = detectLanguage(text);
  if (language === undefined) return outcome(true, 'has no letters to tell a language by');
  return outcome(language === 'en', `is in '${language}', 'en' asked`);
}
