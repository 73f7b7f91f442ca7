import { z } from 'zod';
import { quote } from './outcome.ts';
import { characters, countOf, countWords, isBlank, isUpper, split, strip } from './python.ts';

/** One requirement of a Light-IF record: whether it holds, and what it adds to the dense score when it does. */
export interface Credit {
  readonly name: string;
  readonly ok: boolean;
  readonly credit: number;
  readonly reason: string;
}

/**
 * `point` is the sum of the credits that are earned, `acc` 1 if every requirement holds; the reward of the paper's last
 * stage is their sum (Light-IF, arXiv 2508.03178; Qihoo360/Light-IF rl/verl/verl/utils/reward_score/IF.py).
 */
export interface DenseScore {
  readonly point: number;
  readonly acc: 0 | 1;
  readonly credits: readonly Credit[];
}

/** A bound that is not positive is absent. */
const bound = z.int().default(-1);

/** The English fields of a record's `jqzl_prompt`; others are ignored, as in the released code. */
export const englishFields = z.object({
  prompt_to_repeat: z.union([z.string(), z.int()]).optional(),
  num_highlights: bound,
  low_word_cnt: bound,
  max_word_cnt: bound,
  num_placeholders: bound,
  num_bullets: bound,
  low_capital_cnt: bound,
  max_capital_cnt: bound,
  keywords: z.array(z.string()).default([]),
  keywords_num: z.array(z.tuple([z.int(), z.int()])).default([]),
  num_sentences: bound,
  sentences_style: z.int().min(-1).max(1).default(-1),
  letter: z.string().default(''),
  low_letter_num: bound,
  max_letter_num: z.int().optional(),
  paragraphs: z.string().default(''),
  paragraphs_num: bound,
  end_phrase: z.string().default(''),
  nth_paragraph: bound,
  first_word: z.string().default(''),
});
export type EnglishFields = z.output<typeof englishFields>;

const repeatRequest =
  'First repeat the request word for word without change, then give your answer (1. do not say any words or characters before repeating the request; 2. the request you need to repeat does not include this sentence).';

/** The dense score of an English answer; `query` is what the model was asked, for records that want it repeated. */
export function englishScore(answer: string, query: string, fields: EnglishFields): DenseScore {
  const credits: Credit[] = [];
  const add = (name: string, ok: boolean, credit: number, reason: string) =>
    credits.push({ name, ok, credit, reason });
  let text = answer;
  if (fields.prompt_to_repeat !== undefined && fields.prompt_to_repeat !== -1) {
    const request = strip(query.replaceAll(repeatRequest, ''));
    add('prompt_to_repeat', text.startsWith(request), 0.1, `the request is ${quote(request)}`);
    text = strip(request === '' ? text : text.replaceAll(request, ''));
  }
  if (fields.num_highlights > 0) {
    const found = (text.match(/\*[^*]+\*|_[^_]+_/g) ?? []).length;
    add(
      'num_highlights',
      found >= fields.num_highlights,
      0.05,
      `has ${found}, at least ${fields.num_highlights} asked`,
    );
  }
  const wordCount = countWords(text);
  if (fields.low_word_cnt > 0 && fields.max_word_cnt > fields.low_word_cnt)
    credits.push(ranged('word_cnt', wordCount, [fields.low_word_cnt, fields.max_word_cnt]));
  else if (fields.low_word_cnt > 0 || fields.max_word_cnt > 0)
    // An equal pair is a lower bound for words, unlike for keywords.
    credits.push(
      ranged(
        'word_cnt',
        wordCount,
        fields.low_word_cnt > 0 ? [fields.low_word_cnt, -1] : [-1, fields.max_word_cnt],
      ),
    );
  if (fields.num_placeholders > 0) {
    const found = (text.match(/\[[^[\]]+\]/g) ?? []).length;
    add(
      'num_placeholders',
      found >= fields.num_placeholders,
      0.05,
      `has ${found}, at least ${fields.num_placeholders} asked`,
    );
  }
  if (fields.num_bullets > 0) {
    const found = text.split('\n').filter((line) => line.startsWith('* ')).length;
    add('num_bullets', found === fields.num_bullets, 0.1, `has ${found}, ${fields.num_bullets} asked`);
  }
  if (fields.low_capital_cnt > 0 || fields.max_capital_cnt > 0) {
    const found = split(text).filter((word) => isUpper(word) && characters(word) >= 2).length;
    credits.push(ranged('capital_cnt', found, [fields.low_capital_cnt, fields.max_capital_cnt]));
  }
  credits.push(...keywordCredits(text, fields.keywords, fields.keywords_num));
  if (fields.num_sentences > 0) credits.push(sentenceCredit(text, fields));
  credits.push(...letterCredit(text, fields));
  const paragraphs =
    fields.paragraphs === '' ? [] : text.split(fields.paragraphs).filter((one) => !isBlank(one));
  if (fields.paragraphs_num > 0 && ['\n\n', '\n\n\n', '***'].includes(fields.paragraphs))
    add(
      'paragraphs_num',
      paragraphs.length === fields.paragraphs_num,
      0.1,
      `has ${paragraphs.length}, ${fields.paragraphs_num} asked`,
    );
  if (fields.end_phrase !== '')
    add(
      'end_phrase',
      text.endsWith(fields.end_phrase),
      0.1,
      `ends with ${quote(text.slice(-40))}, ${quote(fields.end_phrase)} asked`,
    );
  if (fields.nth_paragraph > 0 && fields.first_word !== '') {
    const paragraph = paragraphs[fields.nth_paragraph - 1];
    add(
      'nth_paragraph',
      paragraph?.startsWith(fields.first_word) ?? false,
      0.1,
      `paragraph ${fields.nth_paragraph} must start with ${quote(fields.first_word)}`,
    );
  }
  return scoreOf(credits);
}

function scoreOf(credits: readonly Credit[]): DenseScore {
  return { point: pointOf(credits), acc: credits.every(({ ok }) => ok) ? 1 : 0, credits };
}

/** The sum of what is earned, to the hundredth: all credits are hundredths. */
export function pointOf(credits: readonly Credit[]): number {
  const sum = credits.reduce((total, { ok, credit }) => (ok ? total + credit : total), 0);
  return Math.round(sum * 100) / 100;
}

/**
 * A count within bounds: two-sided or exact earn 0.1, one-sided 0.05. A bound that is not positive is absent; a lower
 * bound over the upper one stands alone; equal ones are exact. With neither, nothing may be there (0.05).
 */
export function ranged(name: string, found: number, [low, high]: readonly [number, number]): Credit {
  const [ok, credit, asked]: [boolean, number, string] =
    low > 0 && high > low
      ? [found >= low && found <= high, 0.1, `${low} to ${high}`]
      : low > 0 && high === low
        ? [found === low, 0.1, `exactly ${low}`]
        : low > 0
          ? [found >= low, 0.05, `at least ${low}`]
          : high > 0
            ? [found <= high, 0.05, `at most ${high}`]
            : [found === 0, 0.05, 'none'];
  return { name, ok, credit, reason: `has ${found}, ${asked} asked` };
}

/** Keywords are counted as they are written, overlaps once; lists of unequal length say nothing. */
export function keywordCredits(
  text: string,
  keywords: readonly string[],
  bounds: readonly (readonly [number, number])[],
): Credit[] {
  if (keywords.length !== bounds.length) return [];
  return keywords.map((keyword, i) => ranged(`keywords.${i}`, countOf(text, keyword), bounds[i]!));
}

function sentenceCredit(
  text: string,
  { num_sentences: asked, sentences_style: style }: EnglishFields,
): Credit {
  const found = strip(text)
    .split(/[.!?]/)
    .filter((piece) => !isBlank(piece)).length;
  const [ok, how] =
    style === 0
      ? [found === asked, 'exactly']
      : style === 1
        ? [found > asked, 'more than']
        : [found < asked, 'fewer than'];
  return {
    name: 'num_sentences',
    ok,
    credit: style === 0 ? 0.2 : 0.05,
    reason: `has ${found}, ${how} ${asked} asked`,
  };
}

/** At least, at most, or, with a negative maximum, none at all (0.2). */
function letterCredit(text: string, fields: EnglishFields): Credit[] {
  const { letter, low_letter_num: low, max_letter_num: high } = fields;
  if (letter === '') return [];
  const found = countOf(text, letter);
  const name = 'letter';
  if (low > 0) return [ranged(name, found, [low, -1])];
  if (high === undefined || high === 0) return [];
  if (high > 0) return [ranged(name, found, [-1, high])];
  return [{ name, ok: found === 0, credit: 0.2, reason: `has ${found} of ${quote(letter)}, none asked` }];
}
