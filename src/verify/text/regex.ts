import { RE2JS } from 're2js';
import { z } from 'zod';
import { defineReward, InputError, noVerdict, oneLine, verdict } from '../../core/index.ts';
import { quote } from '../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';

const longestPattern = 10_000;
/** Steps of the automaton that one unit of fuel pays for: program size times text length, at worst. */
const stepsPerFuel = 100;

/**
 * Does the text match a regular expression? RE2 syntax (no back-references, no look-around), matched in time linear in the
 * text whatever the pattern is. The pattern is the option's, or else the task's answer.
 */
export const regex = defineReward({
  name: 'regex',
  version: '1',
  summary: 'the text matches a regular expression (RE2, linear time)',
  source: 'RE2 syntax: github.com/google/re2/wiki/Syntax',
  options: z.object({
    ...answerSource('whole'),
    pattern: z
      .string()
      .min(1)
      .max(longestPattern)
      .optional()
      .describe("the expression; the task's answer when left out"),
    match: z
      .enum(['search', 'full', 'absent'])
      .default('search')
      .describe('somewhere in the text, all of the text, or nowhere in it'),
    flags: z
      .string()
      .regex(/^[ims]*$/, 'expected any of i, m, s')
      .default('')
      .describe('i: case does not count; m: ^ and $ at lines; s: . takes line breaks'),
  }),
  examples: [
    { completion: 'Order #4711 shipped', options: { pattern: '#\\d{4}\\b' }, value: 1 },
    { completion: 'colour', answer: 'colou?r', options: { match: 'full' }, value: 1 },
    { completion: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', answer: '^(a+)+$', value: 0 },
    { completion: 'x', answer: '(unclosed', value: null },
  ],
  create(options) {
    const { pattern, match, flags } = options;
    let own: RE2JS | undefined;
    if (pattern !== undefined)
      try {
        own = compile(pattern, flags);
      } catch (thrown) {
        throw new InputError(`reward 'regex': option 'pattern': ${oneLine(thrown, 120)}`);
      }
    return (sample, context) => {
      let expression = own;
      if (expression === undefined) {
        const { answer } = sample.task;
        if (typeof answer !== 'string' || answer === '')
          return noVerdict('reference', 'the task has no pattern as its answer');
        if (answer.length > longestPattern)
          return noVerdict(
            'reference',
            `the pattern has ${answer.length} characters, the limit is ${longestPattern}`,
          );
        try {
          expression = compile(answer, flags);
        } catch (thrown) {
          return noVerdict('reference', `the pattern cannot be read: ${oneLine(thrown, 120)}`);
        }
      }
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const steps = expression.programSize() * found.value.length;
      if (steps > stepsPerFuel * context.fuel)
        return verdict(0, `${found.value.length} characters are too many for this pattern`);
      const matched =
        match === 'full' ? expression.matches(found.value) : expression.matcher(found.value).find();
      const right = match === 'absent' ? !matched : matched;
      return verdict(right ? 1 : 0, `${quote(found.value)} ${matched ? 'matches' : 'does not match'}`);
    };
  },
});

function compile(pattern: string, flags: string): RE2JS {
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  return RE2JS.compile(pattern, bits);
}
