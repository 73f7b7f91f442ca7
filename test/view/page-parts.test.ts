/** What the page computes by itself, without a browser. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align, csvOf, smoothed, ticks, withTail } from '../../web/src/chart/data.ts';
import { chartSvg } from '../../web/src/chart/svg.ts';
import { duration, number, percent, signed } from '../../web/src/format.ts';
import { controlName, type Mark, segments, unitOffsets } from '../../web/src/samples/segments.ts';
import { codeOf } from '../../web/src/ui/code.ts';

describe('lines of a chart', () => {
  it('smooths without a bias towards the start, and keeps gaps', () => {
    expect(smoothed([2, 2, null, 2], 0.9)).toEqual([2, 2, null, 2]);
    const [first, second] = smoothed([0, 1], 0.5);
    expect([first, second]).toEqual([0, 1 / 1.5]);
    expect(smoothed([3, 5], 0)).toEqual([3, 5]);
  });

  it('lays lines with other steps over the union of steps', () => {
    expect(
      align([
        { steps: [0, 2], values: [1, 2] },
        { steps: [1, 2], values: [3, 4] },
      ]),
    ).toEqual({
      steps: [0, 1, 2],
      columns: [
        [1, null, 2],
        [null, 3, 4],
      ],
    });
  });

  it('writes a table that quotes what needs it', () => {
    const line = { name: 'a "b", c', label: 'a', steps: [0, 1], values: [0.5, null] };
    expect(csvOf([line])).toBe('step,"a ""b"", c"\n0,0.5\n1,\n');
  });

  it('writes no name that a spreadsheet would compute, and leaves numbers alone', () => {
    const named = (name: string) => csvOf([{ name, label: name, steps: [0], values: [-0.5] }]);
    expect(named('=cmd|calc')).toBe("step,'=cmd|calc\n0,-0.5\n");
    expect(named('@SUM(1)')).toBe("step,'@SUM(1)\n0,-0.5\n");
    expect(named('+1')).toBe("step,'+1\n0,-0.5\n");
    expect(named('-1,2')).toBe('step,"\'-1,2"\n0,-0.5\n');
    expect(named('\t=1')).toBe("step,'\t=1\n0,-0.5\n");
    expect(named('\r=1')).toBe('step,"\'\r=1"\n0,-0.5\n');
    expect(named('part.a=b')).toBe('step,part.a=b\n0,-0.5\n');
  });

  it('adds only the steps that a series does not have', () => {
    const series = {
      steps: [0, 1],
      mean: [1, 2],
      min: null,
      max: null,
      band: null,
      times: [0, 0],
      infinite: 0,
    };
    expect(withTail(series, [1, 2], [9, 3])).toMatchObject({ steps: [0, 1, 2], mean: [1, 2, 3] });
    expect(withTail(undefined, [4], [null])).toMatchObject({ steps: [4], mean: [null] });
  });

  it('has round ticks inside the range', () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, width) => {
          const found = ticks(low, low + width, 6);
          expect(found.length).toBeLessThanOrEqual(8);
          for (const tick of found)
            expect(tick >= low - width * 1e-6 && tick <= low + width * (1 + 1e-6)).toBe(true);
        },
      ),
    );
  });

  it('writes hostile names into a picture as text', () => {
    const line = { name: '<script>', label: '"><script>alert(1)</script>', steps: [0, 1], values: [1, 2] };
    const picture = chartSvg('</svg><script>', [line], {
      unit: 'number',
      view: { smoothing: 0, log: false },
    });
    expect(picture).not.toContain('<script');
    expect(picture.match(/<svg/g)).toHaveLength(1);
  });
});

describe('the names of the lines in a picture', () => {
  const names = (labels: readonly string[]) => {
    const lines = labels.map((label) => ({ name: label, label, steps: [0, 1], values: [1, 2] }));
    const picture = chartSvg('Held-out solve rate', lines, {
      unit: 'share',
      view: { smoothing: 0, log: false },
    });
    const height = Number(/viewBox="0 0 720 (\d+)"/.exec(picture)![1]);
    const texts = [...picture.matchAll(/<text x="([\d.]+)" y="(\d+)" fill="#171a20">([^<]*)</g)];
    return { height, places: texts.map(([, x, y, label]) => ({ x: Number(x), y: Number(y), label })) };
  };

  it('stand beside the title where there is room, else in rows under it', () => {
    const few = names(['main', 'slow']);
    expect(few.places.map(({ y }) => y)).toEqual([20, 20]);
    const labels = Array.from({ length: 9 }, (_, i) => `countdown-token-credit arm ${i}`);
    const many = names(labels);
    expect(many.places.map(({ label }) => label)).toEqual(labels);
    expect(many.height).toBeGreaterThan(few.height);
    for (const [i, { x, y, label }] of many.places.entries()) {
      expect(y).toBeGreaterThan(20);
      expect(x + label!.length * 6.6).toBeLessThanOrEqual(720);
      const next = many.places[i + 1];
      if (next?.y === y) expect(next.x).toBeGreaterThan(x + label!.length * 6.6);
    }
  });
});

describe('a text in pieces', () => {
  const mark = (start: number, end: number, value = 1): Mark => ({
    start,
    end,
    value,
    title: '',
    kind: 'span',
  });

  it('loses nothing, whatever the text and the marks', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ' ', '\n', '😀', '\ud83d', '\ude00', '\u202e', '\u200d', '\0'),
        }),
        fc.array(fc.tuple(fc.nat(40), fc.nat(40))),
        (text, places) => {
          const marks = places.map(([a, b]) => mark(Math.min(a, b), Math.max(a, b)));
          expect(
            segments(text, marks)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });

  it('shows the later of two marks that overlap', () => {
    const found = segments('abcdef', [mark(0, 4, 1), mark(2, 6, 2)]);
    expect(found.map(({ text, mark: own }) => [text, own?.value])).toEqual([
      ['ab', 1],
      ['cd', 2],
      ['ef', 2],
    ]);
  });

  it('names what cannot be seen, and leaves emoji and line breaks alone', () => {
    const controls = (text: string) => segments(text, []).flatMap(({ control }) => control ?? []);
    expect(controls('a\u202eb\u0000\u200bc\r')).toEqual(['RLO', 'NUL', 'ZWSP', 'CR']);
    expect(controls('two\nlines\tand 👩‍💻')).toEqual([]);
    expect(controls('pass\u200dword')).toEqual(['ZWJ']);
    expect(controls('half \ud800')).toEqual(['U+D800']);
    expect(controlName('\u0085')).toBe('U+0085');
  });

  it('turns code points into code units', () => {
    const units = unitOffsets('a😀b');
    expect([0, 1, 2, 3, 9].map(units)).toEqual([0, 1, 3, 4, 4]);
    expect(units(1)).toBe(1);
    expect(unitOffsets('abc')(7)).toBe(3);
  });
});

describe('numbers and recipes in words', () => {
  it('says what is missing and what is endless', () => {
    expect([number(null), number(Number.POSITIVE_INFINITY), number(-0.5), number(12_345.6)]).toEqual([
      '–',
      '∞',
      '−0.5',
      '12,346',
    ]);
    expect([percent(0.1234), percent(null), signed(0.25), signed(-0.25)]).toEqual([
      '12.3 %',
      '–',
      '+0.25',
      '−0.25',
    ]);
    expect([duration(0.25), duration(59.6), duration(3661), duration(null)]).toEqual([
      '250 ms',
      '1 min 0 s',
      '1 h 1 min',
      '–',
    ]);
  });

  it('shows a factory as the call that makes it', () => {
    const reward = { name: 'math', version: '1', options: { precision: 4 } };
    expect(codeOf({ reward, 'odd name': [1, 'two', null] })).toBe(
      '{ reward: math({ precision: 4 }), "odd name": [1, "two", null] }',
    );
    expect(codeOf({ name: 'plain' })).toBe('{ name: "plain" }');
    let deep: unknown = 1;
    for (let i = 0; i < 1000; i++) deep = [deep];
    expect(codeOf(deep).length).toBeLessThan(1000);
  });
});
