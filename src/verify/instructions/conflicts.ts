import { type Instruction, prepare } from './evaluate.ts';
import { countOf, countWords, occurrences, strip } from './python.ts';

/** Two instructions that no response can satisfy together, by their places in the row, and why. */
export interface Conflict {
  readonly first: number;
  readonly second: number;
  readonly reason: string;
}

type Parameters = { readonly [name: string]: unknown };

/** Says why two instructions contradict each other, or nothing. Given both ways round. */
type Rule = (a: Known, b: Known) => string | undefined;

interface Known {
  readonly id: string;
  readonly parameters: Parameters;
}

/**
 * Pairs of instructions that contradict each other: the rule part of Light-IF's conflict filter (the paper asks a model).
 * Only what is certain for a strict check of a text in letters of a known language is reported, so a list without
 * conflicts need not have a solution. Instructions that are unknown or whose parameters are not in order are left out.
 */
export function conflicts(instructions: readonly Instruction[]): Conflict[] {
  const known = instructions.map((instruction): Known | undefined => {
    const prepared = prepare(instruction);
    return 'constraint' in prepared
      ? { id: prepared.constraint.id, parameters: prepared.parameters as Parameters }
      : undefined;
  });
  const found: Conflict[] = [];
  for (const [second, b] of known.entries())
    for (const [first, a] of known.slice(0, second).entries()) {
      if (!a || !b) continue;
      const reason = contradiction(a, b) ?? contradiction(b, a);
      if (reason !== undefined) found.push({ first, second, reason });
    }
  return found;
}

function contradiction(a: Known, b: Known): string | undefined {
  for (const rule of rules) {
    const reason = rule(a, b);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Starts and ends with a letter, so that it is a word wherever white space surrounds it. */
const isWord = (word: string): boolean => /^[\p{L}\p{N}_](?:.*[\p{L}\p{N}_])?$/su.test(word);

const text = (known: Known, name: string): string => String(known.parameters[name] ?? '');
const number = (known: Known, name: string): number => Number(known.parameters[name]);
const list = (known: Known, name: string): readonly string[] => (known.parameters[name] ?? []) as string[];

/** What is counted and the least and greatest number allowed, for instructions that bound a count. */
function bounds(known: Known): { what: string; least: number; most: number } | undefined {
  const { id } = known;
  const related = (what: string, relation: string, bound: string) =>
    text(known, relation) === 'less than'
      ? { what, least: 0, most: number(known, bound) - 1 }
      : { what, least: number(known, bound), most: Number.POSITIVE_INFINITY };
  const exact = (what: string, name: string) => ({
    what,
    least: number(known, name),
    most: number(known, name),
  });
  switch (id) {
    case 'length_constraints:number_words':
      return related('words', 'relation', 'num_words');
    case 'count:word_count_range':
      return { what: 'words', least: number(known, 'min_words'), most: number(known, 'max_words') };
    case 'length_constraints:number_sentences':
      return related('sentences', 'relation', 'num_sentences');
    case 'ratio:sentence_words':
      return { what: 'sentences', least: 3, most: 3 };
    case 'custom:sentence_alphabet':
      return { what: 'sentences', least: 26, most: 26 };
    case 'sentence:keyword':
      return { what: 'sentences', least: number(known, 'N'), most: Number.POSITIVE_INFINITY };
    case 'words:keywords_specific_position':
      return { what: 'sentences', least: number(known, 'n'), most: Number.POSITIVE_INFINITY };
    case 'length_constraints:number_paragraphs':
      return exact('paragraphs between dividers', 'num_paragraphs');
    case 'length_constraints:nth_paragraph_first_word':
      return exact('paragraphs', 'num_paragraphs');
    case 'detectable_format:number_bullet_lists':
      return exact('bullet points', 'num_bullets');
    case 'count:numbers':
      return exact('numbers', 'N');
    case 'change_case:capital_word_frequency':
      return related('words in capital letters', 'capital_relation', 'capital_frequency');
    case 'keywords:frequency':
      return related(
        `occurrences of '${strip(text(known, 'keyword')).toLowerCase()}'`,
        'relation',
        'frequency',
      );
    case 'keywords:letter_frequency':
      return related(`letters ${text(known, 'letter').toLowerCase()}`, 'let_relation', 'let_frequency');
    default:
      return undefined;
  }
}

interface Piece {
  readonly text: string;
  /** Whether no letter can stand directly before or after it. */
  readonly opens?: boolean;
  readonly closes?: boolean;
}

/** Text that must be in a response that satisfies the instruction. */
function required(known: Known): Piece[] {
  const { id } = known;
  const of = (name: string): string => strip(text(known, name));
  switch (id) {
    case 'keywords:existence':
      return list(known, 'keywords').map((keyword) => ({ text: keyword }));
    case 'keywords:frequency':
      return text(known, 'relation') === 'at least' && number(known, 'frequency') > 0
        ? [{ text: of('keyword') }]
        : [];
    case 'combination:repeat_prompt':
      return [{ text: of('prompt_to_repeat'), opens: true }];
    case 'startend:end_checker':
      return [{ text: of('end_phrase'), closes: true }];
    case 'sentence:keyword':
      return [{ text: text(known, 'word'), opens: true, closes: true }];
    case 'length_constraints:nth_paragraph_first_word':
      return [{ text: of('first_word'), opens: true, closes: true }];
    case 'words:words_position':
    case 'words:keywords_specific_position':
      return [{ text: of('keyword') }];
    case 'format:output_template':
      return ['My Answer:', 'My Conclusion:', 'Future Outlook:'].map((heading) => ({ text: heading }));
    case 'count:keywords_multiple':
      return [1, 2, 3, 4, 5].map((i) => ({ text: of(`keyword${i}`) }));
    default:
      return [];
  }
}

/** Instructions whose response is one fixed kind of whole: two of different kinds never fit together. */
const wholes: { readonly [id: string]: string } = {
  'detectable_format:json_format': 'JSON',
  'custom:csv_city': 'CSV',
  'custom:csv_special_character': 'CSV of products',
  'custom:csv_quotes': 'CSV of students',
  'custom:date_format_list': 'a list of dates',
  'custom:european_capitals_sort': 'a list of capitals',
  'custom:mcq_count_length': 'a list of questions',
  'repeat:repeat_simple': 'the sentence asked',
};

const needsCommas = new Set([
  'custom:csv_city',
  'custom:csv_special_character',
  'custom:european_capitals_sort',
  'count:punctuation',
]);

/** Their fixed texts have capital letters and small ones. */
const needsBothCases = new Set([
  'custom:csv_city',
  'custom:csv_special_character',
  'custom:csv_quotes',
  'custom:reverse_newline',
  'custom:european_capitals_sort',
  'custom:mcq_count_length',
  'format:output_template',
  'detectable_format:constrained_response',
]);

const rules: readonly Rule[] = [
  (a, b) => {
    const [one, other] = [bounds(a), bounds(b)];
    if (!one || one.what !== other?.what || one.least <= other.most) return undefined;
    return `at least ${one.least} and at most ${other.most} ${one.what}`;
  },
  (a, b) => {
    if (b.id !== 'keywords:forbidden_words') return undefined;
    for (const { text: piece, opens, closes } of required(a)) {
      // Where a letter may touch the piece, take one: then a word at that end is not certain to be a word.
      const surrounded = `${opens ? ' ' : 'x'}${piece}${closes ? ' ' : 'x'}`;
      for (const word of list(b, 'forbidden_words'))
        if (isWord(word) && !occurrences(surrounded, word, true).next().done)
          return `'${word.slice(0, 40)}' is required and forbidden`;
    }
    return undefined;
  },
  (a, b) => {
    if (b.id !== 'keywords:letter_frequency' || text(b, 'let_relation') !== 'less than') return undefined;
    const letter = text(b, 'letter').toLowerCase();
    const limit = number(b, 'let_frequency');
    const piece = required(a).find((one) => countOf(one.text.toLowerCase(), letter) >= limit);
    return piece && `'${piece.text.slice(0, 40)}' has the letter ${letter} ${limit} times or more`;
  },
  (a, b) => {
    if (b.id !== 'punctuation:no_comma') return undefined;
    if (needsCommas.has(a.id)) return `${a.id} needs commas`;
    return required(a).some((piece) => piece.text.includes(',')) ? 'a required text has a comma' : undefined;
  },
  (a, b) => {
    if (a.id !== 'change_case:english_capital' && a.id !== 'change_case:english_lowercase') return undefined;
    if (b.id === 'language:response_language' && text(b, 'language') !== 'en')
      return 'English and another language';
    if (b.id === 'change_case:english_capital' && a.id !== b.id) return 'all capital and all small letters';
    if (needsBothCases.has(b.id)) return `${b.id} needs capital and small letters`;
    const most = b.id === 'change_case:capital_word_frequency' ? bounds(b) : undefined;
    if (a.id === 'change_case:english_lowercase' && most !== undefined && most.least > 0)
      return 'no capital letters and words in capital letters';
    return undefined;
  },
  (a, b) =>
    a.id === 'language:response_language' && b.id === a.id && text(a, 'language') !== text(b, 'language')
      ? 'two languages'
      : undefined,
  (a, b) => {
    const [one, other] = [wholes[a.id], wholes[b.id]];
    return one !== undefined && other !== undefined && one !== other ? `${one} and ${other}` : undefined;
  },
  (a, b) =>
    a.id === 'detectable_format:json_format' &&
    b.id === 'combination:repeat_prompt' &&
    !/^["{[\-\dtfnIN`]/.test(strip(text(b, 'prompt_to_repeat')))
      ? 'JSON cannot start with the request'
      : undefined,
  (a, b) => {
    if (a.id !== 'startend:end_checker' || b.id !== a.id) return undefined;
    const [one, other] = [a, b].map((known) => strip(text(known, 'end_phrase')).toLowerCase()) as [
      string,
      string,
    ];
    return one.endsWith(other) || other.endsWith(one) ? undefined : 'two endings';
  },
  (a, b) => {
    if (a.id !== 'combination:repeat_prompt') return undefined;
    const prompt = strip(text(a, 'prompt_to_repeat')).toLowerCase();
    if (b.id === 'startend:quotation' && !prompt.startsWith('"'))
      return 'starts with the request and with a quote';
    if (b.id === a.id) {
      const other = strip(text(b, 'prompt_to_repeat')).toLowerCase();
      return prompt.startsWith(other) || other.startsWith(prompt) ? undefined : 'two beginnings';
    }
    const limit = bounds(b);
    return limit?.what === 'words' && countWords(prompt) > limit.most
      ? `the request has more than ${limit.most} words`
      : undefined;
  },
  (a, b) => {
    if (a.id !== 'format:no_whitespace') return undefined;
    const piece = required(b).find((one) => /\s/.test(strip(one.text)));
    if (piece) return `'${piece.text.slice(0, 40)}' has white space`;
    return b.id === 'length_constraints:nth_paragraph_first_word' && number(b, 'num_paragraphs') > 1
      ? 'paragraphs need line breaks'
      : undefined;
  },
];
