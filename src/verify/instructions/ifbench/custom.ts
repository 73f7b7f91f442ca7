import { type Constraint, constraint } from '../constraint.ts';
import { none, outcome, quote } from '../outcome.ts';
import {
  characters,
  digitRuns,
  isDecimalPoint,
  isSpaceAt,
  isWordPoint,
  punctuation,
  split,
  strip,
  stripOf,
  withoutPunctuation,
} from '../python.ts';
import { splitSentences } from '../sentences.ts';

const capitals =
  'Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw London Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb'.split(
    ' ',
  );

/** One question each: the answer is checked, not only its form. */
export const custom: readonly Constraint[] = [
  constraint('custom:multiples', none, (text) => {
    const found = digitRuns(text).join(' ');
    return outcome(
      found === '14 21 28 35 42 49',
      `has the numbers ${quote(found)}, 14 to 49 in sevens asked`,
    );
  }),
  constraint('custom:mcq_count_length', none, (text) => {
    if (!text.startsWith('Question')) return outcome(false, 'does not start with "Question"');
    const questions = text
      .split(/Question \p{Nd}+[.|):;]?/u)
      .map(strip)
      .filter((question) => question !== '');
    if (questions.length !== 4) return outcome(false, `has ${questions.length} questions, 4 asked`);
    const read = questions.map(readQuestion);
    const other = read.findIndex(({ options }) => options !== 5);
    if (other >= 0)
      return outcome(false, `question ${other + 1} has ${read[other]!.options} options, 5 asked`);
    const grows = read.every(({ length }, i) => i === 0 || length > read[i - 1]!.length);
    return outcome(
      grows,
      grows ? 'has 4 questions that get longer' : 'has a question no longer than the one before',
    );
  }),
  constraint('custom:reverse_newline', none, (text) => {
    const lines = text
      .split('\n')
      .map((line) => stripOf(line, `${punctuation} `))
      .filter((line) => line !== '');
    const start = lines.findIndex((line) => line.includes('Zimbabwe'));
    if (start < 0) return outcome(false, 'has no line with Zimbabwe');
    const listed = lines.slice(start).map(ascii);
    if (listed.length < 52)
      return outcome(false, `has ${listed.length} lines from Zimbabwe on, at least 52 asked`);
    const wrong = listed.findIndex((line, i) => i > 0 && line > listed[i - 1]!);
    return outcome(wrong < 0, wrong < 0 ? 'is in reverse order' : `${quote(listed[wrong]!)} comes too late`);
  }),
  constraint('custom:word_reverse', none, (text) => {
    const reversed = split(withoutPunctuation(strip(text.toLowerCase())))
      .reverse()
      .join(' ');
    if (!reversed.includes('bald eagle')) return outcome(false, 'has no "eagle bald"');
    return outcome(splitSentences(reversed).includes(reversed), 'names the animal backwards');
  }),
  constraint('custom:character_reverse', none, (text) => {
    const ok = text.toLowerCase().includes('elgae dlab');
    return outcome(ok, ok ? 'has "elgae dlab"' : 'has no "elgae dlab"');
  }),
  constraint('custom:sentence_alphabet', none, (text) => {
    const sentences = splitSentences(text);
    if (sentences.length !== 26) return outcome(false, `has ${sentences.length} sentences, 26 asked`);
    const wrong = sentences.findIndex(
      (sentence, i) => (split(sentence)[0] ?? '').toLowerCase()[0] !== String.fromCharCode(97 + i),
    );
    return outcome(
      wrong < 0,
      wrong < 0
        ? 'goes through the alphabet'
        : `sentence ${wrong + 1} starts with ${quote(sentences[wrong]!, 10)}`,
    );
  }),
  constraint('custom:european_capitals_sort', none, (text) => {
    const found = ascii(text)
      .split(',')
      .map(strip)
      .filter((capital) => capital !== '');
    if (found.length !== capitals.length)
      return outcome(false, `has ${found.length} names, ${capitals.length} asked`);
    const wrong = found.findIndex((capital, i) => capital !== capitals[i]);
    return outcome(
      wrong < 0,
      wrong < 0
        ? 'has the capitals from north to south'
        : `place ${wrong + 1} is ${quote(found[wrong]!)}, ${capitals[wrong]} asked`,
    );
  }),
  constraint('custom:date_format_list', none, (text) => {
    for (const entry of strip(text).split(',')) {
      const problem = dateProblem(strip(entry));
      if (problem !== undefined) return outcome(false, problem);
    }
    return outcome(true, 'is a list of dates');
  }),
];

/** Without diacritics and everything else that is not ASCII. */
function ascii(text: string): string {
  return text.normalize('NFKD').replace(/[^\x00-\x7f]/g, '');
}

/** The length of a question in characters, lines joined by spaces, and how many options follow. */
function readQuestion(question: string): { length: number; options: number } {
  const lines: string[] = [];
  let options = 0;
  for (const raw of question.split('\n')) {
    const line = strip(raw);
    if (isOption(line)) options++;
    else if (options === 0) lines.push(line);
  }
  return { length: characters(strip(lines.join(' '))), options };
}

/** A letter from a to e, a dot, bar or bracket, and a word. */
function isOption(line: string): boolean {
  if (!/^[A-Ea-e][.|)]/.test(line)) return false;
  let at = 2;
  while (at < line.length && isSpaceAt(line, at)) at++;
  return at < line.length && isWordPoint(line.codePointAt(at)!);
}

function dateProblem(date: string): string | undefined {
  const parts = /^(\p{Nd}{4})-(\p{Nd}{2})-(\p{Nd}{2})$/u.exec(date);
  if (!parts) return `${quote(date)} is not a date like 1805-12-02`;
  const [year, month, day] = parts.slice(1).map(digitsValue) as [number, number, number];
  if (year < 1769 || year > 1821) return `${quote(date)} is not in Napoleon's life`;
  const days = month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : month === 0 ? 99 : 31;
  return month > 12 || day > days ? `${quote(date)} is no day` : undefined;
}

/** The number that decimal digits of any script write. Their code points run in tens, zero first. */
function digitsValue(digits: string): number {
  let value = 0;
  for (const digit of digits) {
    const point = digit.codePointAt(0)!;
    let zero = point;
    while (isDecimalPoint(zero - 1)) zero--;
    value = value * 10 + ((point - zero) % 10);
  }
  return value;
}
