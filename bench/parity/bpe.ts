/**
 * Makes src/engine/tokenizer/fixtures/bpe-texts.json: merges trained here and varied texts, to be tokenized by Hugging Face tokenizers
 * (`python bench/parity/bpe.py`, which adds its ids). Run: `node bench/parity/bpe.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stream } from '../../src/core/random.ts';
import { trainBpe } from '../../src/engine/tokenizer/train-bpe.ts';

const random = stream(7, 'bpe parity');
const letters = 'etaoinshrdlucmfwypvbgkjqxz';
/** Invented words of Zipf-like frequency: as good as prose to learn merges from. */
const vocabulary = Array.from({ length: 400 }, () =>
  Array.from({ length: 1 + random.integer(9) }, () => letters[random.integer(1 + random.integer(26))]).join(
    '',
  ),
);
const word = () => vocabulary[Math.floor(random.next() ** 3 * vocabulary.length)]!;
const sentence = () =>
  Array.from({ length: 3 + random.integer(12) }, (_, i) =>
    i === 0 ? word().replace(/^./, (c) => c.toUpperCase()) : word(),
  )
    .join(' ')
    .concat(random.pick(['.', '!', '?', ' — ...', "'s.", ' = 42;']));

const corpus = [
  ...Array.from({ length: 600 }, sentence),
  ...Array.from(
    { length: 200 },
    () => `${random.integer(100)} + ${random.integer(1000)} = ${random.integer(1100)}\n`,
  ),
  ...Array.from({ length: 60 }, () =>
    random.pick(['naïve café', 'ölçü birimi', '数学の問題', 'Привет, мир', 'שלום', '👍🏽 ok', '∑ x² ≤ ∞']),
  ),
];
const merges = trainBpe(corpus, { size: 900 });

const fragments = [
  ' ',
  '  ',
  '   ',
  '\n',
  '\n\n',
  '\t',
  '\r\n',
  ' \n ',
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u0085',
  '\u2028',
  '\u200b',
  '\ufeff',
  '\u180e',
  '\u001c',
  '\v',
  '\f',
  "'s",
  "'t",
  "'re",
  "'ve",
  "'m",
  "'ll",
  "'d",
  "'S",
  "'RE",
  "''",
  "'",
  '’s',
  "don't",
  "we'll've",
  " 's",
  "x'y",
  '0',
  '42',
  ' 3.14',
  '٣٤',
  '½',
  'Ⅷ',
  '²',
  '１２',
  '1e-9',
  '😀',
  '👩‍👩‍👧‍👦',
  '🇫🇷',
  '👍🏽',
  'é',
  'e\u0301',
  'ﬁ',
  'ß',
  'İ',
  'Å',
  '\u0301',
  'ा',
  'नमस्ते',
  'ภาษาไทย',
  '한국어',
  'ᄒ',
  '中文',
  '𝒳',
  '𐍈',
  '\ud800\udf48',
  '\ufffd',
  '\u0000',
  '\u007f',
  '\u0378',
  '<|end|>',
  '</think>',
  '\\boxed{',
  '}$',
  '$$',
  '_',
  '__init__',
  '#',
  '####',
  '...',
  '…',
  '—',
  '@',
  '«',
  '»',
  '٪',
  '€',
  '±',
  '∫',
  '☃',
];
const texts = [
  '',
  ...fragments,
  ...corpus.filter((_, i) => i % 40 === 0),
  ...Array.from({ length: 300 }, () =>
    Array.from({ length: 1 + random.integer(8) }, () =>
      random.next() < 0.35 ? word() : random.pick(fragments),
    ).join(random.next() < 0.3 ? ' ' : ''),
  ),
  ...Array.from({ length: 40 }, () =>
    Array.from({ length: 1 + random.integer(12) }, () => {
      const code = random.integer(random.next() < 0.5 ? 0x3000 : 0x110000);
      return code >= 0xd800 && code < 0xe000 ? '?' : String.fromCodePoint(code);
    }).join(''),
  ),
  'a'.repeat(3000),
  ' '.repeat(500),
  'etaoin'.repeat(200),
  '😀'.repeat(100),
];
const path = join(import.meta.dirname, '../../src/engine/tokenizer/fixtures/bpe-texts.json');
const of = { package: 'tokenizers', version: '0.23.3', script: 'bench/parity/bpe.py' };
writeFileSync(path, `${JSON.stringify({ ...of, merges, texts })}\n`);
console.log(`${merges.length} merges, ${texts.length} texts`);
