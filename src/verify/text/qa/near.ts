import { type Haystack, isShout, type Occurrence } from './find.ts';
import { isNickname, sameWord } from './same-word.ts';
import type { Word } from './words.ts';

const titles = new Set(
  'mr mrs ms miss dr sir dame lord lady professor prof president king queen prince princess pope saint captain general colonel senator emperor'.split(
    ' ',
  ),
);

/** Do the words look like a person's or a thing's name: two to five, each with a capital? */
export function isNameLike(phrase: readonly Word[]): boolean {
  return (
    phrase.length >= 2 &&
    phrase.length <= 5 &&
    phrase.every(({ capital, key }) => capital || key.startsWith('#'))
  );
}

/**
 * Where a phrase occurs when small differences are let pass: inflection and slips of spelling; in a name also nicknames,
 * middle names and initials on either side, and a title in front of the gold.
 */
export function nearOccurrences(phrase: readonly Word[], haystack: Haystack, lenient: boolean): Occurrence[] {
  if (isShout(phrase) || (phrase.length === 1 && !lenient)) return [];
  const name = isNameLike(phrase);
  const found = aligned(phrase, haystack, name, lenient);
  if (found.length > 0 || !name) return found;
  if (titles.has(phrase[0]!.key) && phrase.length > 2)
    return aligned(phrase.slice(1), haystack, true, lenient);
  if (phrase.length > 2 && phrase.slice(1, -1).every(({ key }) => !key.startsWith('#')))
    return aligned([phrase[0]!, phrase[phrase.length - 1]!], haystack, true, lenient);
  return [];
}

const mostOccurrences = 20;

function aligned(
  phrase: readonly Word[],
  { words }: Haystack,
  name: boolean,
  lenient: boolean,
): Occurrence[] {
  const found: Occurrence[] = [];
  for (let first = 0; first < words.length && found.length < mostOccurrences; first++) {
    let at = first;
    let p = 0;
    let gap = 0;
    const how = new Set<string>();
    while (p < phrase.length && at < words.length) {
      const wanted = phrase[p]!;
      const word = words[at]!;
      const difference = sameWord(wanted.key, word.key);
      if (
        difference === '' ||
        (lenient && difference !== null) ||
        (lenient && name && p === 0 && isNickname(wanted.key, word.key))
      ) {
        how.add(difference ?? 'nickname');
        p++;
        at++;
        gap = 0;
      } else if (
        name &&
        p > 0 &&
        gap < 2 &&
        (word.capital || word.key.length === 1) &&
        !/[.,;:]\s/.test(word.before.slice(0, 2).replace(/^\.\s/, ''))
      ) {
        gap++;
        how.add('middle name');
        at++;
      } else break;
    }
    if (p === phrase.length)
      found.push({ first, last: at - 1, how: [...how].filter((one) => one !== '').join(' and ') });
  }
  return found;
}

const functionWords = new Set(
  (
    'a an the of in on at to by for from with and or but is was were are be been being it its he she they his her their ' +
    'him them this that these those as into than then there which who whom whose what when where why how do does did has ' +
    'have had not no so such only very also just because while during about over under after before up down out off'
  ).split(' '),
);

/** The words of a phrase that carry its meaning. */
export function contentWords(phrase: readonly Word[]): Word[] {
  return phrase.filter(({ key }) => !functionWords.has(key));
}
