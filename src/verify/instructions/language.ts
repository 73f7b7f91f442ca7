import data from './data/languages.json' with { type: 'json' };
import { Packed, unpackText } from './data/packed.ts';
import { PythonRandom } from './mersenne.ts';
import { isUpperPoint } from './python.ts';
import { Trie } from './trie.ts';

/** For each known n-gram of letters the languages that have it and how frequent it is there. */
interface Profiles {
  readonly names: readonly string[];
  readonly grams: Trie;
  readonly starts: Int32Array;
  readonly languages: Uint8Array;
  readonly frequencies: Float64Array;
}

let loaded: Profiles | undefined;

function profiles(): Profiles {
  if (loaded) return loaded;
  const packed = new Packed(data.profiles);
  const count = packed.integer();
  const names = packed.text().split('\n');
  const totals = Array.from({ length: count }, () => [packed.integer(), packed.integer(), packed.integer()]);
  const words = packed.words();
  const { starts, indices } = packed.indexLists(words.length);
  const counts = packed.numbers();
  // Counts come language by language; frequencies are kept n-gram by n-gram.
  const first = new Int32Array(count + 1);
  for (const language of indices) first[language + 1]!++;
  for (let language = 0; language < count; language++) first[language + 1]! += first[language]!;
  const frequencies = new Float64Array(indices.length);
  for (let word = 0; word < words.length; word++)
    for (let i = starts[word]!; i < starts[word + 1]!; i++) {
      const language = indices[i]!;
      frequencies[i] = counts[first[language]!++]! / totals[language]![words[word]!.length - 1]!;
    }
  loaded = { names, grams: new Trie(words), starts, languages: indices, frequencies };
  return loaded;
}

const maximumLength = 10_000;
const trials = 7;
const iterations = 1000;
const converged = 0.99999;
const least = 0.1;

/**
 * The language of a text by naive Bayes over n-grams of letters (Nakatani's language-detection): exactly what Python's
 * langdetect 1.0.9 says with `DetectorFactory.seed = 0`, so the same text always has the same language. The reference
 * leaves the seed to chance. Returns an ISO code, 'unknown' when none is likely, or undefined when the text has no
 * letters to go by (where the reference counts the instruction as followed).
 */
export function detectLanguage(text: string): string | undefined {
  const { names, starts, languages, frequencies } = profiles();
  const grams = extract(cleaned(text));
  if (grams.length === 0) return undefined;
  const random = new PythonRandom();
  const mean = new Float64Array(names.length);
  const chances = new Float64Array(names.length);
  for (let trial = 0; trial < trials; trial++) {
    chances.fill(1 / names.length);
    const smoothing = (0.5 + random.normal() * 0.05) / 10_000;
    for (let i = 0; ; i++) {
      const gram = grams[random.below(grams.length)]!;
      let from = starts[gram]!;
      const to = starts[gram + 1]!;
      for (let language = 0; language < chances.length; language++) {
        if (from < to && languages[from] === language) chances[language]! *= smoothing + frequencies[from++]!;
        else chances[language]! *= smoothing;
      }
      if (i % 5 === 0 && (normalize(chances) > converged || i >= iterations)) break;
    }
    for (let language = 0; language < mean.length; language++) mean[language]! += chances[language]! / trials;
  }
  let best = 0;
  for (let language = 1; language < mean.length; language++)
    if (mean[language]! > mean[best]!) best = language;
  return mean[best]! > least ? names[best]! : 'unknown';
}

/** Makes chances sum to one; returns the largest. */
function normalize(chances: Float64Array): number {
  let sum = 0;
  for (const chance of chances) sum += chance;
  let largest = 0;
  for (let i = 0; i < chances.length; i++) {
    chances[i]! /= sum;
    if (chances[i]! > largest) largest = chances[i]!;
  }
  return largest;
}

/** The known n-grams of a text in its order, as their indices; words in capitals give their first letter only. */
function extract(points: readonly number[]): number[] {
  const { grams } = profiles();
  const out: number[] = [];
  const space = grams.child(0, 32);
  // The nodes of the n-grams that end at the letter before: one and two letters long.
  let one = space;
  let two = -1;
  let last = 32;
  let capitals = false;
  for (const raw of points) {
    const point = normalizedPoint(raw);
    if (last === 32) {
      one = space;
      two = -1;
      capitals = false;
      if (point === 32) continue;
    }
    const outside = point > 0xffff; // no n-gram has such a letter
    const three = outside ? -1 : grams.child(two, point);
    two = outside ? -1 : grams.child(one, point);
    one = outside ? -1 : grams.child(0, point);
    if (isUpperPoint(point)) capitals ||= isUpperPoint(last);
    else capitals = false;
    last = point;
    if (capitals) continue;
    if (one >= 0 && point !== 32 && grams.entries[one]! >= 0) out.push(grams.entries[one]!);
    if (two >= 0 && grams.entries[two]! >= 0) out.push(grams.entries[two]!);
    if (three >= 0 && grams.entries[three]! >= 0) out.push(grams.entries[three]!);
  }
  return out;
}

/** Letters that count as one; everything in ASCII that is no letter is a space. */
function normalizedPoint(point: number): number {
  if (point < 0x80) return (point > 64 && point < 91) || (point > 96 && point < 123) ? point : 32;
  if (point < 0x100) return point === 0xa0 || point === 0xab || point === 0xb0 || point === 0xbb ? 32 : point;
  if (point === 0x219) return 0x15f;
  if (point === 0x21b) return 0x163;
  if (point === 0x6cc) return 0x64a;
  if (point < 0x1e00) return point;
  if (point < 0x1f00) return point >= 0x1ea0 ? 0x1ec3 : point;
  if (point >= 0x2000 && point < 0x2070) return 32;
  if (point >= 0x3040 && point < 0x30a0) return 0x3042;
  if (point >= 0x30a0 && point < 0x3100) return 0x30a2;
  if ((point >= 0x3100 && point < 0x3130) || (point >= 0x31a0 && point < 0x31c0)) return 0x3105;
  if (point >= 0x4e00 && point < 0xa000) return kanji().get(point) ?? point;
  if (point >= 0xac00 && point < 0xd7b0) return 0xac00;
  return point;
}

let classes: ReadonlyMap<number, number> | undefined;

/** Each kanji of a class to the first of its class. */
function kanji(): ReadonlyMap<number, number> {
  classes ??= new Map(
    unpackText(data.kanji)
      .split('\n')
      .flatMap((line) =>
        [...line].map((letter): [number, number] => [letter.codePointAt(0)!, line.codePointAt(0)!]),
      ),
  );
  return classes;
}

const mail = /[-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}/g;

function withoutMail(text: string): string {
  return text.includes('@') ? text.replace(mail, ' ') : text;
}

const address = /https?:\/\/[-_.?&~;+=/#0-9A-Za-z]{1,2076}/g;
const [vietnameseBases, vietnameseMarks, ...vietnameseLetters] = data.vietnamese as [
  string,
  string,
  ...string[],
];
const combined = new RegExp(`([${vietnameseBases}])([${vietnameseMarks}])`, 'gu');

/** Code points without addresses and runs of spaces; Latin letters too where most of the text has others. */
function cleaned(text: string): number[] {
  const plain = withoutMail(text.replace(address, ' ')).replace(
    combined,
    (_, base: string, mark: string) =>
      vietnameseLetters[vietnameseMarks.indexOf(mark)]![vietnameseBases.indexOf(base)]!,
  );
  const points: number[] = [];
  let before = 0;
  let seen = 0;
  for (let i = 0; i < plain.length && seen < maximumLength; i++, seen++) {
    const point = plain.codePointAt(i)!;
    if (point > 0xffff) i++;
    if (point !== 32 || before !== 32) points.push(point);
    before = point;
  }
  let latin = 0;
  let other = 0;
  for (const point of points) {
    if (point >= 65 && point <= 122) latin++;
    else if (point >= 0x300 && !(point >= 0x1e00 && point <= 0x1eff)) other++;
  }
  return latin * 2 < other ? points.filter((point) => point < 65 || point > 122) : points;
}
