type Condition = (stem: string) => boolean;
type Rule = readonly [suffix: string, replacement: string, condition?: Condition];

/** Words that the rules get wrong, as NLTK lists them. */
const irregular: ReadonlyMap<string, string> = new Map([
  ...(['sky', 'news', 'howe', 'proceed', 'exceed', 'succeed'] as const).map((word) => [word, word] as const),
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['innings', 'inning'],
  ['inning', 'inning'],
  ['outings', 'outing'],
  ['outing', 'outing'],
  ['cannings', 'canning'],
  ['canning', 'canning'],
]);

/**
 * The Porter stem of a lower-case English word (Porter 1980, with the departures of NLTK's default mode, which
 * rouge-score uses). Linear in the word's length.
 */
export function porterStem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 2) return word;
  let stem = step1a(word);
  stem = step1b(stem);
  stem = rewrite(stem, [['y', 'i', (rest) => rest.length > 1 && isConsonant(rest, rest.length - 1)]]);
  stem = step2(stem);
  stem = rewrite(stem, step3Rules);
  stem = rewrite(stem, step4Rules);
  stem = step5a(stem);
  return rewrite(stem, [['ll', 'l', (rest) => measure(`${rest}l`) > 1]]);
}

function step1a(word: string): string {
  if (word.length === 4 && word.endsWith('ies')) return `${word[0]}ie`;
  return rewrite(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ]);
}

function step1b(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, -3) + (word.length === 4 ? 'ie' : 'i');
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  let stem: string | undefined;
  for (const suffix of ['ed', 'ing'])
    if (stem === undefined && word.endsWith(suffix)) {
      const rest = word.slice(0, -suffix.length);
      if (hasVowel(rest)) stem = rest;
    }
  if (stem === undefined) return word;
  for (const ending of ['at', 'bl', 'iz']) if (stem.endsWith(ending)) return `${stem}e`;
  const last = stem[stem.length - 1]!;
  if (stem.length >= 2 && stem[stem.length - 2] === last && isConsonant(stem, stem.length - 1))
    return 'lsz'.includes(last) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsConsonantVowelConsonant(stem) ? `${stem}e` : stem;
}

const positive: Condition = (stem) => measure(stem) > 0;
const long: Condition = (stem) => measure(stem) > 1;

const step2Rules: readonly Rule[] = [
  ['ational', 'ate', positive],
  ['tional', 'tion', positive],
  ['enci', 'ence', positive],
  ['anci', 'ance', positive],
  ['izer', 'ize', positive],
  ['bli', 'ble', positive],
  ['alli', 'al', positive],
  ['entli', 'ent', positive],
  ['eli', 'e', positive],
  ['ousli', 'ous', positive],
  ['ization', 'ize', positive],
  ['ation', 'ate', positive],
  ['ator', 'ate', positive],
  ['alism', 'al', positive],
  ['iveness', 'ive', positive],
  ['fulness', 'ful', positive],
  ['ousness', 'ous', positive],
  ['aliti', 'al', positive],
  ['iviti', 'ive', positive],
  ['biliti', 'ble', positive],
  ['fulli', 'ful', positive],
  ['logi', 'log', (stem) => measure(`${stem}l`) > 0],
];

function step2(word: string): string {
  let stem = word;
  while (stem.endsWith('alli') && positive(stem.slice(0, -4))) stem = stem.slice(0, -2);
  return rewrite(stem, step2Rules);
}

const step3Rules: readonly Rule[] = [
  ['icate', 'ic', positive],
  ['ative', '', positive],
  ['alize', 'al', positive],
  ['iciti', 'ic', positive],
  ['ical', 'ic', positive],
  ['ful', '', positive],
  ['ness', '', positive],
];

const step4Rules: readonly Rule[] = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map(
    (suffix): Rule => [suffix, '', long],
  ),
  ['ion', '', (stem) => long(stem) && /[st]$/.test(stem)],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map((suffix): Rule => [suffix, '', long]),
];

function step5a(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  const m = measure(stem);
  return m > 1 || (m === 1 && !endsConsonantVowelConsonant(stem)) ? stem : word;
}

/** The first rule whose suffix is there decides, even when its condition does not hold. */
function rewrite(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, condition] of rules)
    if (word.endsWith(suffix)) {
      const stem = word.slice(0, word.length - suffix.length);
      return condition === undefined || condition(stem) ? stem + replacement : word;
    }
  return word;
}

/** y is a consonant at the start and after a vowel. */
function isConsonant(word: string, at: number): boolean {
  const letter = word[at]!;
  if ('aeiou'.includes(letter)) return false;
  if (letter !== 'y') return true;
  let run = 0; // in a run of y they alternate
  while (at - run > 0 && word[at - run] === 'y') run++;
  const base = word[at - run] === 'y' ? true : !'aeiou'.includes(word[at - run]!);
  return run % 2 === 0 ? base : !base;
}

/** How many times a vowel is followed by a consonant: Porter's m. */
function measure(stem: string): number {
  let m = 0;
  let consonant = true;
  for (let i = 0; i < stem.length; i++) {
    const letter = stem[i]!;
    const now: boolean = letter === 'y' ? i === 0 || !consonant : !'aeiou'.includes(letter);
    if (i > 0 && now && !consonant) m++;
    consonant = now;
  }
  return m;
}

function hasVowel(stem: string): boolean {
  let consonant = false;
  for (let i = 0; i < stem.length; i++) {
    const letter = stem[i]!;
    consonant = letter === 'y' ? i === 0 || !consonant : !'aeiou'.includes(letter);
    if (!consonant) return true;
  }
  return false;
}

function endsConsonantVowelConsonant(word: string): boolean {
  const n = word.length;
  if (n === 2) return !isConsonant(word, 0) && isConsonant(word, 1);
  return (
    n >= 3 &&
    isConsonant(word, n - 3) &&
    !isConsonant(word, n - 2) &&
    isConsonant(word, n - 1) &&
    !'wxy'.includes(word[n - 1]!)
  );
}
