import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isEmoji } from './emoji.ts';
import { readCsv } from './ifbench/csv.ts';
import { detectLanguage } from './language.ts';
import { PythonRandom } from './mersenne.ts';
import { characters, countWords, isLower, isUpper, occurrences, split, strip } from './python.ts';
import { splitSentences } from './sentences.ts';
import { hasOddSyllables } from './syllables.ts';
import { startsWithVerb } from './tagger.ts';
import { tokenize } from './tokens.ts';
import { Trie } from './trie.ts';

type Row = [text: string, sentences: string[], tokens: string[], verb: boolean, language: string | null];
const fixture = join(import.meta.dirname, 'fixtures', 'text-tools.json.gz');
const { rows, versions } = JSON.parse(gunzipSync(readFileSync(fixture)).toString('utf8')) as {
  rows: Row[];
  versions: { nltk: string; langdetect: string };
};

describe(`what NLTK ${versions.nltk} and langdetect ${versions.langdetect} make of 600 awkward texts`, () => {
  it('has the same sentences', () => {
    for (const [text, sentences] of rows) expect(splitSentences(text)).toEqual(sentences);
  });
  it('has the same tokens', () => {
    for (const [text, , tokens] of rows) expect(tokenize(text)).toEqual(tokens);
  });
  it('has a verb first in the same texts', () => {
    for (const [text, , tokens, verb] of rows) expect(startsWithVerb(tokens), text).toBe(verb);
    expect(rows.filter((row) => row[3]).length).toBeGreaterThan(10);
  });
  it('is in the same language', () => {
    for (const [text, , , , language] of rows) expect(detectLanguage(text) ?? null, text).toBe(language);
    expect(new Set(rows.map((row) => row[4])).size).toBeGreaterThan(15);
  });
});

describe('what Python does', () => {
  it('draws the numbers of random.Random(0)', () => {
    const random = new PythonRandom();
    expect([random.bits(32), random.bits(32)]).toEqual([3626764237, 1654615998]);
    const other = new PythonRandom();
    expect(other.next()).toBe(0.8444218515250481);
    expect(other.next()).toBe(0.7579544029403025);
    expect(new PythonRandom().normal()).toBeCloseTo(0.9417154046806644, 12);
    expect([1, 2, 3].map(() => other.below(10)).every((n) => n >= 0 && n < 10)).toBe(true);
  });
  it('strips, splits and counts as Python does', () => {
    expect(strip('\u001c\u00a0 a\u2003b \u0085')).toBe('a\u2003b');
    expect(split(' a\u2028b\u001fc ')).toEqual(['a', 'b', 'c']);
    expect(countWords("don't_x é-2 … 日本")).toBe(5);
    expect(characters('a😀\ud800')).toBe(3);
    expect([isUpper('A1!'), isUpper('1'), isUpper('Aß'), isLower('aª²'), isLower('ǅ')]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect([...occurrences('Cat concatenate CAT.', 'cat', true)]).toEqual([0, 16]);
    expect([...occurrences('a.c abc', 'a.c')]).toEqual([0]);
    expect([...occurrences('x#tag #tag', '#tag', true)]).toEqual([1]);
  });
  it('reads CSV as Python does', () => {
    expect(readCsv('a,"b ""c"",\nd",\n\n"e"f,g\r\n', ',')).toEqual([['a', 'b "c",\nd', ''], [], ['ef', 'g']]);
    expect(readCsv('a\rb\n', ',')).toBeUndefined();
    expect(readCsv('"open', ',')).toEqual([['open']]);
  });
});

describe('small tables', () => {
  it('knows emoji by single characters', () => {
    expect(['😀', '❤', '©', 'a', '1', '\ufe0f', undefined].map(isEmoji)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
  it('tells odd from even syllables', () => {
    expect(['cat', 'table', 'beautiful', 'every', 'x2'].map(hasOddSyllables)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });
  it('finds prefixes in a trie', () => {
    const trie = new Trie(['a', 'abc', 'b']);
    const ab = trie.child(trie.child(0, 97), 98);
    expect(trie.entries[ab]).toBe(-1);
    expect(trie.entries[trie.child(ab, 99)]).toBe(1);
    expect(trie.child(ab, 100)).toBe(-1);
    expect(trie.child(-1, 97)).toBe(-1);
  });
});
