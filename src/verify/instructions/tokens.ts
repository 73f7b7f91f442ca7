import { isBlank, isSpaceAt, spaces, split } from './python.ts';
import { splitSentences } from './sentences.ts';

/**
 * Words and marks of an English text as NLTK 3.9's word_tokenize gives them: sentences by Punkt, then in each the Penn
 * Treebank rules as NLTK runs them (quotes become `` and '', clitics and marks stand alone).
 */
export function tokenize(text: string): string[] {
  return splitSentences(text).flatMap(tokenizeSentence);
}

const w = '[\\p{L}\\p{N}_]';
const beforeEndMarks: readonly [RegExp, string][] = [
  [/([«“‘„]|`+)/g, ' $1 '],
  [/^"/, '``'],
  [/``/g, ' `` '],
  [/([ ([{<])("|'')/g, '$1 `` '],
  [new RegExp(`'(?!re|ve|ll|m|t|s|d|n)(${w})(?!${w})`, 'giu'), "' $1"],
];
const marks: readonly [RegExp, string][] = [
  [/([:,])(\P{Nd})/gsu, ' $1 $2'],
  [/([:,])$/, ' $1 '],
  [/\.{2,}/g, ' $& '],
  [/[;@#$%&]/g, ' $& '],
  [/[?!]/g, ' $& '],
  [/([^'])' /g, "$1 ' "],
  [/[*\][(){}<>]/g, ' $& '],
  [/--/g, ' -- '],
];
const endings: readonly [RegExp, string][] = [
  [/[»”’]/g, ' $& '],
  [/''|"/g, " '' "],
  [new RegExp(`[${spaces}]+`, 'g'), ' '],
  [/([^' ])('[sSmMdD]|') /g, '$1 $2 '],
  [/([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) /g, '$1 $2 '],
];
/** Joined words that are two. The second rule sees the spaces that the first one left. */
const contractions = [
  new RegExp(
    `(?<!${w})(?:(can)(not)|(d)('ye)|(gim)(me)|(gon)(na)|(got)(ta)|(lem)(me)|(more)('n)|(wan)(na)(?= ))(?!${w})`,
    'giu',
  ),
  new RegExp(` ('t)(is|was)(?!${w})`, 'giu'),
];
const mayContract = /can|'ye|gim|gon|got|lem|'n|wan|'t/i;

export function tokenizeSentence(sentence: string): string[] {
  let text = sentence;
  for (const [pattern, by] of beforeEndMarks) text = text.replace(pattern, by);
  text = withFinalPeriodApart(text);
  for (const [pattern, by] of marks) text = text.replace(pattern, by);
  text = ` ${text} `;
  for (const [pattern, by] of endings) text = text.replace(pattern, by);
  if (mayContract.test(text))
    for (const pattern of contractions)
      text = text.replace(pattern, (...groups) => {
        const [left, right] = groups.slice(1, -2).filter((group) => group !== undefined);
        return ` ${left} ${right} `;
      });
  return split(text);
}

const mayFollow = '])}>"\'»”’ ';

/** A period that ends the sentence, before closing marks and white space, becomes its own token. */
function withFinalPeriodApart(text: string): string {
  let at = text.length - 1;
  while (at >= 0 && (mayFollow.includes(text[at]!) || isSpaceAt(text, at))) at--;
  if (at < 1 || text[at] !== '.' || text[at - 1] === '.') return text;
  let end = at + 1;
  while (end < text.length && mayFollow.includes(text[end]!)) end++;
  if (!isBlank(text.slice(end))) return text;
  return `${text.slice(0, at)} . ${text.slice(at + 1, end)} `;
}
