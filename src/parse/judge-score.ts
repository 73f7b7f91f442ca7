import { boxed } from './boxed.ts';
import { tagBlock } from './tags.ts';

/** Where a judge's score may stand, in the order in which they are tried by default. */
export const judgeScoreForms = ['box', 'tag', 'brackets', 'pair', 'line', 'number'] as const;
export type JudgeScoreForm = (typeof judgeScoreForms)[number];

export interface JudgeScore {
  /** On the scale from 0 to 1. */
  readonly value: number;
  /** As the judge wrote it. */
  readonly said: number;
  readonly form: JudgeScoreForm;
  /** What it said was outside of its scale. */
  readonly clamped: boolean;
  readonly start: number;
  readonly end: number;
}

export interface JudgeScoreOptions {
  /** The judge's scale; a pair brings its own maximum. Default 0 to 1. */
  readonly low?: number;
  readonly high?: number;
  readonly forms?: readonly JudgeScoreForm[];
}

/**
 * The score that a judge's text gives, brought to [0, 1] and clamped there; undefined when there is none, which is for the
 * caller to make no verdict of (the released code of sophiavl-r1 takes 0, ppr 0.5).
 *
 * - `box`: `\boxed{x}`, `\box{x}` or `\boxes{x}`, the last one;
 * - `tag`: `<answer>x</answer>`, the last one (sophiavl-r1);
 * - `brackets`: `[[x]]`, the last one (light-if);
 * - `pair`: the last `<score>x</score>` and `<max_score>y</max_score>`, of which y must be above 0 (ppr);
 * - `line`: a line `### score: x` or `score: x / y`, the last one, markup around the word and the number ignored (critic-v);
 * - `number`: the first number that stands alone and lies on the scale, after `</think>` if there is one.
 *
 * A form counts only if it holds a number and nothing else; where it does not, the next one is tried. Decimals are read
 * everywhere. Linear in the text.
 */
export function judgeScore(
  text: string,
  { low = 0, high = 1, forms = judgeScoreForms }: JudgeScoreOptions = {},
): JudgeScore | undefined {
  if (!(low < high)) throw new RangeError(`the scale from ${low} to ${high} is empty`);
  for (const form of forms) {
    const found = readers[form](text, low, high);
    if (found === undefined) continue;
    const top = found.of ?? high;
    const bottom = found.of === undefined ? low : 0;
    const value = Math.min(1, Math.max(0, (found.said - bottom) / (top - bottom)));
    const clamped = found.said < bottom || found.said > top;
    return { value, said: found.said, form, clamped, start: found.start, end: found.end };
  }
  return undefined;
}

interface Said {
  readonly said: number;
  readonly start: number;
  readonly end: number;
  /** The maximum that was given with it. */
  readonly of?: number;
}

const readers: Readonly<
  Record<JudgeScoreForm, (text: string, low: number, high: number) => Said | undefined>
> = {
  box: (text) => {
    // `\box` and `\boxes` are what judges make of `\boxed`; braces hold a number, so that nothing nests.
    const other = lastMatch(text, /\\box(?:es)?\s{0,9}\{\s{0,9}([-+]?[\d.]{1,30})\s{0,9}\}/g);
    const box = boxed(text);
    const known = box && alone(box.value, box.start);
    const given = other && alone(other[1]!, other.index + other[0].indexOf(other[1]!));
    return known && given ? (known.start > given.start ? known : given) : (known ?? given);
  },
  tag: (text) => inTag(text, 'answer'),
  brackets: (text) => {
    const match = lastMatch(text, /\[\[\s{0,9}([-+]?[\d.]{1,30})\s{0,9}\]\]/g);
    return match && alone(match[1]!, match.index + match[0].indexOf(match[1]!));
  },
  pair: (text) => {
    const score = inTag(text, 'score');
    const of = inTag(text, 'max_score')?.said;
    return score !== undefined && of !== undefined && of > 0 ? { ...score, of } : undefined;
  },
  line: (text) => {
    const match = lastMatch(
      text,
      /(?:^|\n)[ \t#*_>-]{0,20}(?:final |overall |total )?score[ \t*_]{0,9}(?:[:=]|is)[ \t*_]{0,9}([-+]?[\d.]{1,30})(?:[ \t]{0,9}\/[ \t]{0,9}([\d.]{1,30}))?/gi,
    );
    if (match === undefined) return undefined;
    const score = alone(match[1]!.replace(/\.$/, ''), match.index + match[0].lastIndexOf(match[1]!));
    if (score === undefined || match[2] === undefined) return score;
    const of = Number(match[2].replace(/\.$/, ''));
    return of > 0 ? { ...score, of } : undefined;
  },
  number: (text, low, high) => {
    const from = text.lastIndexOf('</think>') + 1;
    const number = /(?<![\w.+-])[-+]?\d{1,30}(?:\.\d{1,30})?(?![\w%]|\.\d)/g;
    number.lastIndex = from;
    for (let match = number.exec(text); match !== null; match = number.exec(text)) {
      const said = Number(match[0]);
      if (said >= low && said <= high)
        return { said, start: match.index, end: match.index + match[0].length };
    }
    return undefined;
  },
};

function inTag(text: string, tag: string): Said | undefined {
  const block = tagBlock(text, tag, { which: 'last' });
  return block && alone(block.value, block.start);
}

/** A number with nothing but blanks around it. */
function alone(text: string, start: number): Said | undefined {
  const match = /^\s{0,99}([-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))\s{0,99}$/.exec(text.slice(0, 300));
  if (match === null || text.length > 300) return undefined;
  const from = start + text.indexOf(match[1]!);
  return { said: Number(match[1]), start: from, end: from + match[1]!.length };
}

function lastMatch(text: string, pattern: RegExp): RegExpExecArray | undefined {
  let last: RegExpExecArray | undefined;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) last = match;
  return last;
}
