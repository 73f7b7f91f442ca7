import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { bpeTokenizer, type Merges } from './bpe.ts';
import { byteTokenizer } from './byte.ts';
import { Heap } from './heap.ts';
import { alphabetOf, createTokenizer, type TokenizerSpec } from './spec.ts';
import { trainBpe } from './train-bpe.ts';
import { decodeUtf8, utf16Starts } from './utf8.ts';
import { words } from './words.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')) as unknown;
const { merges, texts } = fixture('bpe-texts.json') as { merges: Merges; texts: string[] };
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('bpeTokenizer', () => {
  const tokenizer = bpeTokenizer(merges);

  it('gives the ids of Hugging Face tokenizers', () => {
    const { ids } = fixture('bpe-ids.json') as { ids: number[][] };
    expect(ids.length).toBeGreaterThan(300);
    texts.forEach((text, i) => {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids[i]);
    });
  });

  it('decodes to the text that it encoded', () => {
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed());
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed());
      }),
      { seed: 1 },
    );
  });

  it('says where each token starts, also inside a character', () => {
    const tokens = tokenizer.encode('a 😀é');
    const offsets = [...tokenizer.offsets(tokens)];
    const bytes = [...tokens].flatMap((token) => [...tokenizer.bytes(token)]);
    expect(bytes).toEqual([...new TextEncoder().encode('a 😀é')]);
    expect(offsets[0]).toBe(0);
    for (const offset of offsets) expect([0, 1, 2, 4]).toContain(offset);
    expect([...tokenizer.offsets([...tokens, tokenizer.end])].at(-1)).toBe(5);
  });

  it('takes any ids, and reads unknown ones as U+FFFD', () => {
    expect(tokenizer.decode([tokenizer.end])).toBe('');
    expect(tokenizer.bytes(tokenizer.end)).toHaveLength(0);
    expect(tokenizer.decode([tokenizer.size, -1])).toBe('\ufffd\ufffd');
    expect(tokenizer.decode([0xff, 0x41])).toBe('\ufffdA');
    expect(tokenizer.decode([0xef, 0xbb, 0xbf, 0x41])).toBe('\ufeffA');
  });

  it('merges a long word in time n log n', () => {
    const text = 'etaoin'.repeat(50_000);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    const pairs = bpeTokenizer([
      [97, 97],
      [256, 256],
      [257, 257],
    ]);
    expect([...pairs.encode('a'.repeat(15))]).toEqual([258, 257, 256, 97]);
  });

  it('refuses merges that cannot be', () => {
    const field = (bad: unknown) => {
      try {
        bpeTokenizer(bad as Merges);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(InputError);
        return (thrown as InputError).where.field;
      }
      return 'taken';
    };
    expect(field('x')).toBe('merges');
    expect(field([[0, 256]])).toBe('merges.0');
    expect(
      field([
        [1, 2],
        [1, 2],
      ]),
    ).toBe('merges.1');
    expect(field([[1, 2], null])).toBe('merges.1');
    expect(field([[1.5, 2]])).toBe('merges.0');
    expect(
      field([
        [1, 2],
        [256, 1],
      ]),
    ).toBe('taken');
  });
});

describe('trainBpe', () => {
  it('merges the most frequent pair first, of equals the smaller ids', () => {
    expect(trainBpe(['low low low lower lowest'], { size: 260 })).toEqual([
      [108, 111], // l o, as often as o w
      [256, 119], // lo w
      [32, 257], // ␣ low
    ]);
  });

  it('gives the same merges for the same texts, and stops when no pair is left', () => {
    const text = 'the theme of the thesis then there';
    expect(trainBpe([text, text], { size: 300 })).toEqual(trainBpe([text, text], { size: 300 }));
    expect(trainBpe(['ab'], { size: 300 })).toEqual([]);
    expect(trainBpe(['ab'], { size: 300, minCount: 1 })).toEqual([[97, 98]]);
    expect(() => trainBpe([], { size: 256 })).toThrow(RangeError);
  });

  it('learns what encoding then uses: every trained word becomes fewer tokens', () => {
    const corpus = ['solve the equation', 'the solution of the equation', 'solve it', 'solved'];
    const tokenizer = bpeTokenizer(trainBpe(corpus, { size: 320, minCount: 1 }));
    expect(tokenizer.encode('the equation').length).toBeLessThanOrEqual(3);
    for (const text of corpus) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('counts pairs of repeated letters right', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), { maxLength: 6 }),
        (sample) => {
          const learnt = trainBpe(sample, { size: 270, minCount: 1 });
          expect(learnt).toEqual(slowBpe(sample, 270));
        },
      ),
      { seed: 2, numRuns: 200 },
    );
  });
});

/** The definition, counting everything again for every merge. */
function slowBpe(sample: readonly string[], size: number): [number, number][] {
  const lists = sample.flatMap((text) => [...words(text)]).map((word) => [...new TextEncoder().encode(word)]);
  const pieces = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const out: [number, number][] = [];
  while (pieces.length < size - 1) {
    const counts = new Map<string, { pair: [number, number]; count: number }>();
    for (const ids of lists)
      for (let i = 0; i + 1 < ids.length; i++) {
        const pair: [number, number] = [ids[i]!, ids[i + 1]!];
        const entry = counts.get(pair.join()) ?? { pair, count: 0 };
        entry.count++;
        counts.set(pair.join(), entry);
      }
    const best = [...counts.values()]
      .filter(({ pair }) => !pieces.includes(pieces[pair[0]]! + pieces[pair[1]]!))
      .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])[0];
    if (!best) break;
    const [left, right] = best.pair;
    const id = pieces.push(pieces[left]! + pieces[right]!) - 1;
    out.push(best.pair);
    for (const ids of lists)
      for (let i = 0; i + 1 < ids.length; i++)
        if (ids[i] === left && ids[i + 1] === right) ids.splice(i, 2, id);
  }
  return out;
}

describe('words', () => {
  it('splits as the GPT-2 pattern does', () => {
    const pattern =
      /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
    const check = (text: string) => {
      expect([...words(text)]).toEqual(text.match(pattern) ?? []);
    };
    texts.map((text) => text.toWellFormed()).forEach(check);
    const units = fc.constantFrom(' ', '\n', '\u00a0', "'", 's', 'l', 'é', '7', '½', '!', '😀', '\u0301');
    fc.assert(fc.property(fc.string({ unit: units, maxLength: 14 }), check), { seed: 3, numRuns: 500 });
  });
});

describe('byteTokenizer', () => {
  it('has a token a byte', () => {
    const tokenizer = byteTokenizer();
    expect([...tokenizer.encode('é!')]).toEqual([0xc3, 0xa9, 0x21]);
    expect([...tokenizer.offsets([0xc3, 0xa9, 0x21, 256])]).toEqual([0, 0, 1, 2]);
    expect([tokenizer.size, tokenizer.end]).toEqual([257, 256]);
    fc.assert(
      fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text.toWellFormed()),
      { seed: 4 },
    );
    expect(tokenizer.decode(tokenizer.encode('\ud800'))).toBe('\ufffd');
  });
});

describe('utf16Starts', () => {
  it('agrees with the decoder on any bytes', () => {
    const bytes = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xf5),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(bytes, (list) => {
        const all = Uint8Array.from(list);
        const starts = utf16Starts(all);
        expect(starts[all.length]).toBe(decodeUtf8(all).length);
        const distinct = [...new Set(starts)];
        let at = 0;
        for (const character of decodeUtf8(all)) {
          expect(distinct).toContain(at);
          at += character.length;
        }
        expect(distinct).toHaveLength([...decodeUtf8(all)].length + 1);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

describe('createTokenizer', () => {
  it('makes each kind from its JSON', () => {
    const specs: TokenizerSpec[] = [
      { kind: 'character', alphabet: alphabetOf(['banana', '😀']) },
      { kind: 'byte' },
      { kind: 'bpe', merges: merges.slice(0, 20) },
    ];
    const sizes = specs.map(
      (spec) => createTokenizer(JSON.parse(JSON.stringify(spec)) as TokenizerSpec).size,
    );
    expect(sizes).toEqual([5, 257, 277]);
    expect(alphabetOf(['banana', '😀'])).toBe('abn😀');
  });

  it('names what is wrong', () => {
    const bad = (spec: unknown) => () => createTokenizer(spec as TokenizerSpec);
    expect(bad({ kind: 'word' })).toThrow(
      'field \'kind\': must be character, vocabulary, byte or bpe, not "word"',
    );
    expect(bad(null)).toThrow(InputError);
    expect(bad({ kind: 'character', alphabet: 3 })).toThrow("field 'alphabet': must be a string");
    expect(bad({ kind: 'bpe' })).toThrow("field 'merges'");
  });
});

describe('Heap', () => {
  it('gives everything in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (list) => {
        const heap = new Heap<number>((a, b) => a < b);
        for (const item of list) heap.push(item);
        const out = list.map(() => heap.pop()!);
        expect(out).toEqual([...list].sort((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
      { seed: 6 },
    );
  });
});
