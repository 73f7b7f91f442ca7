import { z } from 'zod';
import { defineReward, InputError, noVerdict, verdict } from '../../core/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';
import { detectLanguage } from '../instructions/language.ts';
import { goldTexts } from './golds.ts';

/** What langdetect tells apart. */
const codes = new Set(
  (
    'af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl pt ro ru ' +
    'sk sl so sq sv sw ta te th tl tr uk ur vi zh-cn zh-tw'
  ).split(' '),
);
const others: { readonly [code: string]: string } = { nb: 'no', nn: 'no', iw: 'he', in: 'id', fil: 'tl' };

/** The detector's code of a language, 'zh' for either way of writing Chinese; undefined for one that it does not know. */
function codeOf(language: string): string | undefined {
  const whole = language.trim().toLowerCase().replace('_', '-');
  const short = whole.split('-')[0]!;
  const known = others[short] ?? short;
  if (codes.has(whole) || whole === 'zh') return whole;
  if (short === 'zh') return /hant|tw|hk|mo/.test(whole) ? 'zh-tw' : 'zh-cn';
  return codes.has(known) ? known : undefined;
}

/**
 * Is the text in the language asked for? Told by letter n-grams, as Python's langdetect with its seed at 0; code, formulas
 * and a few words are told badly.
 */
export const language = defineReward({
  name: 'language',
  version: '1',
  summary: 'the text is in the language asked for',
  source: 'Nakatani 2010 (language-detection), as langdetect 1.0.9; IFEval',
  options: z.object({
    ...answerSource('whole'),
    language: z
      .string()
      .min(2)
      .max(20)
      .optional()
      .describe("ISO 639-1 code; the task's answer when left out"),
  }),
  examples: [
    { completion: 'Das ist ein ganz gewöhnlicher deutscher Satz.', options: { language: 'de' }, value: 1 },
    { completion: 'This is an ordinary English sentence.', answer: 'fr', value: 0 },
    { completion: 'Dette er en helt vanlig setning på norsk.', answer: 'tlh', value: null },
  ],
  create(options) {
    const own = options.language === undefined ? undefined : codeOf(options.language);
    if (options.language !== undefined && own === undefined)
      throw new InputError(`reward 'language': option 'language': '${options.language}' is not told apart`);
    return (sample, context) => {
      let wanted = own;
      if (wanted === undefined) {
        const gold = goldTexts(sample.task.answer)?.[0];
        if (gold === undefined) return noVerdict('reference', 'the task has no language as its answer');
        wanted = codeOf(gold);
        if (wanted === undefined) return noVerdict('unsupported', `'${gold.slice(0, 20)}' is not told apart`);
      }
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const said = detectLanguage(found.value);
      if (said === undefined) return verdict(0, 'there are no letters to go by');
      const right = said === wanted || (wanted === 'zh' && said.startsWith('zh'));
      return verdict(right ? 1 : 0, `it looks like '${said}', '${wanted}' was asked for`, { answer: said });
    };
  },
});
