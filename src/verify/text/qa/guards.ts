import type { Haystack, Occurrence } from './find.ts';
import type { Word } from './words.ts';

const negations = new Set(
  (
    'not never neither nor without cannot except excluding unlike isnt wasnt arent werent dont doesnt didnt cant couldnt ' +
    'wont wouldnt hasnt havent hadnt aint'
  ).split(' '),
);
/** Words, and pairs of words, that set what follows within three words apart from the answer. */
const contrasts = new Set(
  (
    'surpassing overtaking succeeding replacing replaced succeeded previous previously former formerly predecessor ' +
    'rather_than instead_of other_than opposed_to contrary_to different_from distinct_from confused_with mistaken_for ' +
    'over_from death_of resignation_of later_became later_becoming subsequently_became'
  ).split(' '),
);

/** How many words before an occurrence a negation reaches, within its clause. */
const reach = 8;

/**
 * Why an occurrence does not count as the answer's claim: it is denied ('not France', 'France is not …') or set apart
 * ('rather than France'); empty when it counts. A gold that is itself negative is compared as it stands.
 */
export function disclaimed({ first, last }: Occurrence, { words }: Haystack): string {
  let clause = true;
  for (let i = first - 1; i >= 0 && first - i <= reach; i--) {
    const word = words[i]!;
    if (word.sentence !== words[first]!.sentence) break;
    const next = words[i + 1]!;
    if (clause && negations.has(word.key) && next.key !== 'only' && next.key !== 'just')
      return `after '${word.raw}'`;
    if (first - i <= 6 && (contrasts.has(word.key) || contrasts.has(`${word.key}_${next.key}`)))
      return `after '${word.raw}'`;
    if (breaksClause(next.before) || word.key === 'but') clause = false;
  }
  const after = words[last + 1];
  const then = words[last + 2];
  if (first === last && words[first]!.capital && continuesName(last, words)) return 'part of a longer name';
  if (after !== undefined && after.sentence === words[last]!.sentence && !breaksClause(after.before)) {
    if (/^(?:isnt|wasnt|arent|werent|didnt|doesnt)$/.test(after.key)) return `before '${after.raw}'`;
    if (/^(?:is|was|are|were|did|does)$/.test(after.key) && then?.key === 'not')
      return `before '${after.raw} not'`;
  }
  return '';
}

/** Do two or more capitalised words follow with nothing but blanks between? */
function continuesName(last: number, words: readonly Word[]): boolean {
  return [last + 1, last + 2].every((i) => words[i]?.capital === true && /^\s+$/.test(words[i]!.before));
}

function breaksClause(between: string): boolean {
  return /[,;:()–—]/.test(between);
}

const refusals = [
  /\b(?:i|we) (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|was not able to|am unable to|have no)\b/i,
  /\b(?:i['’]m|i am) (?:sorry|afraid|not sure|not certain|unable|not able|not aware)\b/i,
  /\b(?:there is|there['’]s) (?:no|not enough|insufficient) (?:\w+ )?(?:information|evidence|data|record)\b/i,
  /\bas an ai\b/i,
  /\bquestion (?:seems|appears|is) (?:to be )?(?:missing|incomplete|unclear|ambiguous|incorrect|unanswerable)\b/i,
  /^\W*(?:unknown|none of the above|no answer|n\/a|idk|unanswerable)\W*$/i,
];
const hedges =
  /\b(?:perhaps|possibly|probably|might|maybe|unclear|uncertain|according to my|i think|i believe|it is believed|it is possible)\b/i;

/** Does the answer's first sentence decline to answer, or say that it only guesses? Empty when it does neither. */
export function declines(answer: string, words: readonly Word[]): string {
  const second = words.find(({ sentence }) => sentence > 0);
  const opening = answer.slice(0, Math.min(second?.start ?? answer.length, 400));
  if (refusals.some((pattern) => pattern.test(opening))) return 'declines to answer';
  const hedge = hedges.exec(opening);
  return hedge ? `only guesses ('${hedge[0]}')` : '';
}

/** Does the question itself ask for what is not so? Then a denial may be the right answer. */
export function asksNegative(question: string): boolean {
  return /\b(?:not|never|no|without|except|cannot|neither|nor|unlike)\b|n['’]t\b/i.test(question);
}
