import { z } from 'zod';
import { defineReward, type Json, noVerdict, type Task, type Verdict, verdict } from '../core/index.ts';
import { choiceLetter, choiceRules, type Found, quote } from '../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from './answer-source.ts';
import { candidateText } from './candidate.ts';

/**
 * Multiple choice: the option letter, set of letters, or yes/no that the completion means is the reference.
 *
 * The options are `task.data.options` or `task.data.choices`: a list of texts, an object from letter to text, or `{ text:
 * […], label: […] }`. The reference is a letter, several letters, an option's text, the index of an option (0 is A), or
 * yes/no. Where the options are known, an answer that is exactly the text of one of them counts as its letter.
 */
export const choice = defineReward({
  name: 'choice',
  version: '1',
  summary: 'the option letter, set of letters or yes/no given is the reference',
  source:
    'AlphaMed (boxed letter), TSPO (isolated letter), VLM-R1 (scored letters), SophiaVL-R1 (letter sets)',
  options: z.object({
    ...answerSource('whole'),
    rules: z
      .array(z.enum(choiceRules))
      .min(1)
      .default(['boxed', 'phrase', 'leading', 'capital'])
      .describe('how the letter is looked for; the first rule that finds one decides'),
    repeats: z
      .enum(['fail', 'pass'])
      .default('fail')
      .describe(
        'a letter given twice in a set: a fault, or counted and compared one by one as SophiaVL-R1 does',
      ),
    absent: z
      .enum(['fail', 'pass'])
      .default('fail')
      .describe('neither the reference nor the answer says yes or no: no verdict, or 1 as VLM-R1 has it'),
    optionText: z.boolean().default(true).describe('the exact text of one option counts as its letter'),
  }),
  examples: [
    { completion: 'The answer is (C).', answer: 'C', value: 1 },
    { completion: 'It is B or C', answer: 'C', value: 0 },
    {
      completion: '\\boxed{Hepatitis}',
      answer: 'B',
      data: { options: ['Gout', 'Hepatitis'] },
      options: { from: 'boxed' },
      value: 1,
    },
    { completion: '<answer>C, A</answer>', answer: 'A,C', options: { from: 'tag' }, value: 1 },
    { completion: 'Yes, it does.', answer: 'yes', value: 1 },
    { completion: 'a dog', answer: 'A', options: { rules: ['isolated'] }, value: 1 },
    { completion: 'perhaps', answer: 'unclear', options: { absent: 'pass' }, value: 1 },
    { completion: 'A', answer: 'neither', value: null },
  ],
  create(options) {
    return (sample, context) => {
      const given = readOptions(sample.task);
      const reference = readReference(sample.task.answer, given);
      if (reference === undefined && options.absent === 'pass' && typeof sample.task.answer === 'string') {
        const { text, tooLong } = candidateText(sample, context);
        if (tooLong) return tooLong;
        const said = readAnswer(text, options);
        const silent = said === undefined || yesOrNo(said) === undefined;
        return verdict(
          silent ? 1 : 0,
          `the reference says neither yes nor no, the answer ${silent ? 'neither' : 'does'}`,
        );
      }
      if (reference === undefined)
        return noVerdict('reference', 'the task has no option letter, option text or yes/no as its answer');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      if (reference.kind === 'yesNo') return judge(yesOrNo(found), reference.value, found);
      const letters = given?.letters ?? 'ABCDEFGHIJ';
      const byText = options.optionText ? letterOfText(found, given) : undefined;
      if (reference.value.length > 1) return judgeSet(found, reference.value, letters, options.repeats);
      const letter =
        byText ?? shifted(choiceLetter(found.value, { letters, rules: options.rules }), found.start);
      return judge(letter, reference.value, found);
    };
  },
});

interface Options {
  readonly letters: string;
  readonly texts: readonly string[];
}

function readOptions({ data }: Task): Options | undefined {
  const raw = data?.options ?? data?.choices;
  if (raw === null || typeof raw !== 'object') return undefined;
  const fields = raw as { readonly [key: string]: Json | undefined };
  let labels: readonly unknown[];
  let texts: readonly unknown[];
  if (Array.isArray(raw)) [labels, texts] = [raw.map((_, i) => String.fromCharCode(65 + i)), raw];
  else if (Array.isArray(fields.text) && Array.isArray(fields.label))
    [labels, texts] = [fields.label, fields.text];
  else [labels, texts] = [Object.keys(fields), Object.values(fields)];
  const isLetter = (label: unknown) => typeof label === 'string' && /^[A-Za-z]$/.test(label);
  if (texts.length === 0 || texts.length > 26 || !texts.every((text) => typeof text === 'string'))
    return undefined;
  // Labels like 1, 2, 3 are read by their place.
  const letters = labels.map((label, i) => (isLetter(label) ? String(label) : String.fromCharCode(65 + i)));
  return { letters: letters.join('').toUpperCase(), texts: texts.map((text) => fold(String(text))) };
}

type Reference = { readonly kind: 'letters' | 'yesNo'; readonly value: string };

function readReference(answer: Json | undefined, given: Options | undefined): Reference | undefined {
  if (typeof answer === 'number') {
    const letter = given?.letters[answer];
    return letter === undefined ? undefined : { kind: 'letters', value: letter };
  }
  if (typeof answer === 'boolean') return { kind: 'yesNo', value: answer ? 'yes' : 'no' };
  if (Array.isArray(answer)) {
    const letters = (answer as readonly Json[]).map((one) => readReference(one, given));
    return letters.length > 0 && letters.every((one) => one?.kind === 'letters')
      ? { kind: 'letters', value: sorted(letters.map((one) => one!.value).join('')) }
      : undefined;
  }
  if (typeof answer !== 'string' || answer.length > 10_000) return undefined;
  const word = fold(answer);
  const place = given === undefined ? -1 : given.texts.indexOf(word);
  const letters = place >= 0 ? undefined : lettersOf(answer);
  if (letters !== undefined && letters.length > 0) return { kind: 'letters', value: sorted(letters) };
  if (place >= 0) return { kind: 'letters', value: given!.letters[place]! };
  return word === 'yes' || word === 'no' ? { kind: 'yesNo', value: word } : undefined;
}

/** `B`, `(b)`, `B.`, `A, C`, `A and C`, `AC`: letters and nothing else; undefined for any other text. */
function lettersOf(text: string): string | undefined {
  const bare = text.trim().slice(0, 200);
  if (/^[A-Z]{2,10}$/.test(bare)) return new Set(bare).size === bare.length ? bare : undefined;
  const parts = bare.split(/(?:\s*(?:[,;/&]|\band\b)\s*)+|\s+/u).filter((part) => part !== '');
  const letters = parts.map((part) => /^[([{]?([A-Za-z])[)\]}.:]*$/.exec(part)?.[1]);
  return letters.every((letter) => letter !== undefined) ? letters.join('').toUpperCase() : undefined;
}

function judge(said: Found | undefined, reference: string, found: Found): Verdict {
  if (said === undefined) return verdict(0, `${quote(found.value)} names no single option`);
  const details = { answer: said.value, at: { start: said.start, end: said.end } };
  return said.value === reference
    ? verdict(1, `the answer is ${reference}`, details)
    : verdict(0, `the answer is ${reference}, not ${said.value}`, details);
}

function judgeSet(found: Found, reference: string, letters: string, repeats: 'fail' | 'pass'): Verdict {
  const said = lettersOf(found.value.replace(/\\(?:text|boxed|mathrm)\b|[{}$*]/g, ' '));
  if (said === undefined || said === '' || [...said].some((letter) => !letters.includes(letter)))
    return verdict(0, `${quote(found.value)} is no set of letters`);
  const details = { answer: sorted(said), at: { start: found.start, end: found.end } };
  const right =
    repeats === 'pass'
      ? said.length === reference.length && [...said].every((letter) => reference.includes(letter))
      : sorted(said) === reference;
  return right
    ? verdict(1, `the answer is ${reference}`, details)
    : verdict(0, `the answer is ${reference}, not ${sorted(said)}`, details);
}

function yesOrNo(found: Found): Found | undefined {
  const words = [...found.value.matchAll(/\b(?:yes|no)\b/gi)];
  const first = words[0];
  if (first === undefined) return undefined;
  const value = first[0].toLowerCase();
  // "Yes, …" decides; further in, a text that says both says neither.
  const leads = /^\W*$/.test(found.value.slice(0, first.index));
  if (!leads && words.some(([word]) => word.toLowerCase() !== value)) return undefined;
  const start = found.start + first.index;
  return { value, start, end: start + first[0].length };
}

/** The letter of the option whose text the answer is, when exactly one option has it. */
function letterOfText(found: Found, given: Options | undefined): Found | undefined {
  if (given === undefined || found.value.length > 2000) return undefined;
  const said = fold(found.value);
  const place = given.texts.indexOf(said);
  return said === '' || place < 0 || given.texts.lastIndexOf(said) !== place
    ? undefined
    : { value: given.letters[place]!, start: found.start, end: found.end };
}

function fold(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase();
}

function sorted(letters: string): string {
  return [...letters].sort().join('');
}

function shifted(found: Found | undefined, by: number): Found | undefined {
  return found && { value: found.value, start: found.start + by, end: found.end + by };
}
