import { z } from 'zod';
import { type Credit, type DenseScore, keywordCredits, pointOf, ranged } from './light-if.ts';
import { quote } from './outcome.ts';
import { characters, isBlank, strip, stripOf } from './python.ts';

const bound = z.int().default(-1);

/** The Chinese fields of a record's `jqzl_prompt`. */
export const chineseFields = z.object({
  keywords: z.array(z.string()).default([]),
  keywords_num: z.array(z.tuple([z.int(), z.int()])).default([]),
  /** Keywords count only when this is there and not empty, as in the released code. */
  keywords_req: z.unknown().optional(),
  paragraphs_split: bound,
  paragraphs_num: bound,
  sentence_num: bound,
  low_word_cnt: bound,
  max_word_cnt: bound,
  topic_style: z.int().default(0),
  begin_content: z.string().default(''),
  end_content: z.string().default(''),
  max_topic_word_cnt: z.int().default(0),
});
export type ChineseFields = z.output<typeof chineseFields>;

export interface ChineseOptions {
  /**
   * Follow three slips of the released checker: an absent sentence count is compared all the same, so that such a record
   * can never hold; `acc` does not ask for a lower bound alone on a keyword; and it asks for an upper bound on the length
   * that is below the lower one. Default false.
   */
  readonly released?: boolean;
}

const styles: { readonly [style: number]: readonly [string, string] } = {
  1: ['《', '》'],
  2: ['[', ']'],
  3: ['【', '】'],
};

const bare = (text: string): string => stripOf(strip(text), '。');

/**
 * The dense score of a Chinese answer. Title style, beginning and ending earn 0.02 each also when they are not asked for.
 * A title that never closes makes everything 0 (the released code fails on it).
 */
export function chineseScore(
  answer: string,
  fields: ChineseFields,
  options: ChineseOptions = {},
): DenseScore {
  const style = styles[fields.topic_style];
  if (style && !answer.includes(style[1])) {
    const missing = {
      name: 'topic_style',
      ok: false,
      credit: 0.02,
      reason: `has no title in ${style.join('')}`,
    };
    return { point: 0, acc: 0, credits: [missing] };
  }
  const earned: Credit[] = [];
  const asked: boolean[] = [];
  const add = (one: Credit, holds = one.ok) => {
    earned.push(one);
    asked.push(holds);
  };
  if (isGiven(fields.keywords_req) && fields.keywords.length > 0)
    for (const [i, one] of keywordCredits(answer, fields.keywords, fields.keywords_num).entries()) {
      const [low, high] = fields.keywords_num[i]!;
      add(one, one.ok || (options.released === true && low > 0 && high < low));
    }
  if (fields.paragraphs_split > 0 && fields.paragraphs_num > 0) {
    const separator = fields.paragraphs_split === 2 ? '\n\n' : '\n\n\n';
    // A title is no paragraph.
    const found = answer.split(separator).length - (style ? 1 : 0);
    add({
      name: 'paragraphs_num',
      ok: found === fields.paragraphs_num,
      credit: 0.1,
      reason: `has ${found}, ${fields.paragraphs_num} asked`,
    });
  }
  if (options.released === true || fields.sentence_num > 0) {
    const found = answer.split(/[。？！]/).filter((piece) => !isBlank(piece)).length;
    add({
      name: 'sentence_num',
      ok: found === fields.sentence_num,
      credit: 0.2,
      reason: `has ${found}, ${fields.sentence_num} asked`,
    });
  }
  addLength(answer, fields, options.released === true, add);
  const opened = !style || answer.includes(style[0]);
  add({
    name: 'topic_style',
    ok: opened,
    credit: 0.02,
    reason: opened ? 'has the title style' : 'has no title',
  });
  addEdges(answer, fields, style, add);
  if (style && fields.max_topic_word_cnt > 0) {
    const title = titleOf(answer, style);
    const ok = title === undefined || characters(title) <= fields.max_topic_word_cnt;
    add({
      name: 'topic_word_cnt',
      ok,
      credit: 0.05,
      reason: `title ${quote(title ?? '')}, at most ${fields.max_topic_word_cnt} asked`,
    });
  }
  return { point: pointOf(earned), acc: asked.every(Boolean) ? 1 : 0, credits: earned };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Characters: two-sided bounds earn 0.1; an equal pair earns 0.05 from the bound on, but must be met exactly. */
function addLength(
  answer: string,
  fields: ChineseFields,
  released: boolean,
  add: (one: Credit, holds?: boolean) => void,
): void {
  const { low_word_cnt: low, max_word_cnt: high } = fields;
  if (low <= 0 && high <= 0) return;
  const found = characters(answer);
  const capped = high > 0 && (high >= low || released);
  const holds = (low <= 0 || found >= low) && (!capped || found <= high);
  const one =
    low > 0 && high <= low ? ranged('word_cnt', found, [low, -1]) : ranged('word_cnt', found, [low, high]);
  add(one, holds);
}

/** Beginning, after the title or of the whole, and ending; full stops at the edges do not count. */
function addEdges(
  answer: string,
  fields: ChineseFields,
  style: readonly [string, string] | undefined,
  add: (one: Credit) => void,
): void {
  const begin = bare(fields.begin_content);
  const end = bare(fields.end_content);
  const whole = bare(answer);
  // Without a title the released code looks after the first character; the whole answer is looked at as well.
  const after = bare([...answer].slice(style ? [...answer].indexOf(style[1]) + 1 : 1).join(''));
  const begins = begin === '' || after.startsWith(begin) || whole.startsWith(begin);
  const ends = end === '' || whole.endsWith(end);
  add({ name: 'begin_content', ok: begins, credit: 0.02, reason: `begins with ${quote(whole)}` });
  add({ name: 'end_content', ok: ends, credit: 0.02, reason: `ends with ${quote(whole.slice(-40))}` });
}

/** Between the first opening mark and the next closing one on its line. */
function titleOf(answer: string, [open, close]: readonly [string, string]): string | undefined {
  for (const line of answer.split('\n')) {
    const start = line.indexOf(open);
    const end = start < 0 ? -1 : line.indexOf(close, start);
    if (end >= 0) return line.slice(start + 1, end);
  }
  return undefined;
}
