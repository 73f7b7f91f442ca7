import { boxed } from '../../../parse/index.ts';
import { type Haystack, haystackOf, literalOccurrences, type Occurrence } from './find.ts';
import { asksNegative, declines, disclaimed, oneOfMany } from './guards.ts';
import { contentWords, nearOccurrences } from './near.ts';
import { type Pattern, patternsOf } from './patterns.ts';
import { sameWord } from './same-word.ts';
import { type Word, wordsOf } from './words.ts';

export interface RuleOptions {
  /** Only the sentences that hold the answer's first so many words are its claim; 0 for all of it. */
  readonly lead: number;
  /** Also lets inflection, spelling, nicknames and bracketed parts of a gold pass. */
  readonly lenient: boolean;
}

/** What the rules say of an answer, and why. */
export interface RuleVerdict {
  readonly correct: boolean;
  readonly reason: string;
  /** UTF-16 units of the answer that decided. */
  readonly at?: { readonly start: number; readonly end: number };
}

/** Words of the answer times ways to say the golds: what may be compared at most. */
const mostSteps = 2_000_000;

/** How many content words a gold needs for its words to count in any order. */
const longGold = 3;

/**
 * Does a free-form answer to a question claim one of the golds? A claim is a gold, or what an answer may make of it
 * (`patternsOf`), in the answer's lead, outside denials and contrasts. Linear in the answer for each gold.
 */
export function judgeByRules(
  text: string,
  golds: readonly string[],
  question: string,
  { lead, lenient }: RuleOptions,
): RuleVerdict {
  // A box says which of the words are the answer; of several the last, as everywhere.
  const box = boxed(text, { which: 'last' });
  const answer = box ? box.value : text;
  const all = wordsOf(answer);
  const asked = new Set(wordsOf(question).map(({ key }) => key));
  if (all.length === 0) return { correct: false, reason: 'the answer has no words' };
  const declined = declines(answer, all);
  if (declined !== '') return { correct: false, reason: `the answer ${declined}` };
  if (all.length > 5 && all.every(({ key }) => asked.has(key)))
    return { correct: false, reason: 'the answer only repeats the question' };
  const polar = polarity(all, golds);
  if (polar !== null) return polar;

  const words = lead > 0 ? leadOf(all, lead) : all;
  const haystack = haystackOf(words);
  const patterns = patternsOf(golds, question, asked, lenient);
  if (words.length * patterns.length > mostSteps)
    return {
      correct: false,
      reason: `the answer's first sentence of ${words.length} words is too long to search`,
    };
  const negative = asksNegative(question);
  let refused = '';
  for (const look of [literalOccurrences, nearOccurrences])
    for (const pattern of patterns) {
      const found: Occurrence[] = [];
      for (const phrase of pattern.phrases) {
        const kept = look(phrase, haystack, lenient).find((one) => {
          const alone = pattern.phrases.length === 1;
          const why = negative
            ? ''
            : alone && oneOfMany(one, haystack)
              ? 'among several alternatives'
              : disclaimed(one, haystack);
          if (why !== '') refused = `'${pattern.gold.slice(0, 60)}' stands ${why}`;
          return why === '';
        });
        if (kept === undefined) break;
        found.push(kept);
      }
      if (found.length === pattern.phrases.length) return accepted(pattern, found, words, box?.start ?? 0);
    }
  const whole = golds.find((gold) => allWordsIn(gold, haystack, asked));
  if (whole !== undefined && refused === '')
    return { correct: true, reason: `has every word of '${whole.slice(0, 60)}'` };
  return { correct: false, reason: refused || 'no gold is in the answer' };
}

/** The verdict where a pattern was found. */
function accepted(
  pattern: Pattern,
  found: readonly Occurrence[],
  words: readonly Word[],
  from: number,
): RuleVerdict {
  const start = Math.min(...found.map(({ first }) => words[first]!.start));
  const end = Math.max(...found.map(({ last }) => words[last]!.end));
  const how = [pattern.how, ...found.map((one) => one.how)].filter(
    (one, i, every) => one !== '' && every.indexOf(one) === i,
  );
  const note = how.length > 0 ? ` (${how.join(', ')})` : '';
  return {
    correct: true,
    reason: `says '${pattern.gold.slice(0, 60)}'${note}`,
    at: { start: from + start, end: from + end },
  };
}

/** The words of the sentences that hold the first `lead` words. */
function leadOf(words: readonly Word[], lead: number): readonly Word[] {
  const last = words[Math.min(lead, words.length) - 1]!.sentence;
  const end = words.findIndex(({ sentence }) => sentence > last);
  return end === -1 ? words : words.slice(0, end);
}

const affirmative = new Set(['yes', 'true', 'correct']);
const dissenting = new Set(['no', 'false', 'incorrect']);

/** For golds that are a plain yes or no: an answer that opens with one of them is judged by that word alone. */
function polarity(words: readonly Word[], golds: readonly string[]): RuleVerdict | null {
  const side = (word: string) => (affirmative.has(word) ? 1 : dissenting.has(word) ? -1 : 0);
  const gold = golds.map((one) => side(one.trim().toLowerCase())).find((one) => one !== 0);
  const said = side(words[0]!.key);
  if (gold === undefined || said === 0) return null;
  return { correct: said === gold, reason: `the answer opens with '${words[0]!.raw}'` };
}

/** A gold of several content words whose words, but for those of the question, are all in the answer's lead. */
function allWordsIn(gold: string, { words }: Haystack, asked: ReadonlySet<string>): boolean {
  const wanted = contentWords(wordsOf(gold)).filter(({ key }) => !asked.has(key));
  if (wanted.length < longGold || wanted.length > 40) return false;
  return wanted.every(({ key }) =>
    words.some((word) => {
      const difference = sameWord(key, word.key);
      return difference === '' || difference === 'inflection';
    }),
  );
}
