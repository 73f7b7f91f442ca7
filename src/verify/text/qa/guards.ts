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
  if (first === last && words[first]!.capital && continuesName(last, words)) return 'part of a longer name';
  // What follows at once, or after the rest of a longer name: 'X is wrong', 'X, but it is Y'.
  for (let i = last + 1; i <= last + 3 && words[i]?.sentence === words[last]!.sentence; i++) {
    const { key, raw, before } = words[i]!;
    const next = words[i + 1];
    if (key === 'but' && next?.key !== 'also') return `before 'but'`;
    if (breaksClause(before)) break;
    if (/^(?:isnt|wasnt|arent|werent|didnt|doesnt)$/.test(key)) return `before '${raw}'`;
    if (/^(?:is|was|are|were|did|does)$/.test(key)) {
      if (next !== undefined && denials.has(next.key)) return `before '${raw} ${next.raw}'`;
      break;
    }
  }
  return '';
}

const denials = new Set(['not', 'wrong', 'incorrect', 'false']);

/** The longest alternative that is one: so many words. */
const alternativeWords = 4;

/**
 * Is the occurrence one of three or more short alternatives, all of one of them ('A, B or C', 'either A or B or C', a line
 * each)? Two may be two names of one thing.
 */
export function oneOfMany({ first, last }: Occurrence, { words }: Haystack): boolean {
  const separates = (i: number) => {
    const word = words[i];
    if (word === undefined) return true;
    return word.key === 'or' || /[,\n]/.test(word.before) || word.sentence !== words[i - 1]?.sentence;
  };
  // The alternative that the occurrence is part of: short, or it is a clause and no alternative.
  let from = first;
  let to = last;
  while (!separates(from) && words[from - 1]!.key !== 'either' && to - from < alternativeWords) from--;
  while (!separates(to + 1) && to - from < alternativeWords) to++;
  if (to - from >= alternativeWords) return false;
  let alternatives = 1;
  let ors = 0;
  let lines = 0;
  const note = (i: number) => {
    if (words[i]?.key === 'or') ors++;
    if (words[i]?.before.includes('\n')) lines++;
  };
  // Outwards in both directions, alternative by alternative, until one is too long.
  for (let i = to + 1, since = 0; i < words.length && since <= alternativeWords; i++) {
    if (separates(i)) {
      if (words[i]!.sentence !== words[last]!.sentence && !words[i]!.before.includes('\n')) break;
      note(i);
      alternatives++;
      since = 0;
    } else since++;
  }
  note(from);
  for (let i = from - 1, since = 0; i >= 0 && since <= alternativeWords; i--) {
    if (words[i]!.sentence !== words[first]!.sentence && !words[i + 1]!.before.includes('\n')) break;
    if (words[i]!.key === 'either') ors++;
    since++;
    if (separates(i) || i === 0) {
      note(i);
      if (words[i]!.key !== 'or' || i === 0) alternatives++;
      since = 0;
    }
  }
  return alternatives >= 3 && (ors > 0 || lines >= 2);
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
