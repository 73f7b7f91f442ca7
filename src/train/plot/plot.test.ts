import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaOf, tickLabel, ticks } from './series.ts';
import { svgPlot } from './svg.ts';
import { terminalPlot } from './terminal.ts';

const steps = Array.from({ length: 100 }, (_, i) => i);
const rising = { name: 'reward', x: steps, y: steps.map((i) => i / 99) };
const falling = { name: 'entropy', x: steps, y: steps.map((i) => 1 - i / 99) };

describe('ticks', () => {
  it('are round numbers within the bounds', () => {
    expect(ticks({ low: 0, high: 1 }, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks({ low: -3, high: 12 }, 4)).toEqual([0, 5, 10]);
    expect(ticks({ low: 0.1234, high: 0.1239 }, 5)).toEqual([0.1234, 0.1235, 0.1236, 0.1237, 0.1238, 0.1239]);
    expect(ticks({ low: 0, high: 123_456 }, 3)).toEqual([0, 50_000, 100_000]);
  });

  it('are few, in order and inside, for any bounds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (low, size, count) => {
          const high = low + size;
          fc.pre(high > low);
          const all = ticks({ low, high }, count);
          expect(all.length).toBeGreaterThanOrEqual(1);
          expect(all.length).toBeLessThanOrEqual(count + 2);
          expect([...all].sort((a, b) => a - b)).toEqual(all);
        },
      ),
      { seed: 1 },
    );
  });

  it('have short labels', () => {
    expect([0, 0.25, 1234, 12_000, 1_500_000, -2e9, 0.00012, 1e-9].map(tickLabel)).toEqual([
      '0',
      '0.25',
      '1234',
      '12k',
      '1.5M',
      '-2G',
      '1.2e-4',
      '1e-9',
    ]);
  });
});

describe('areaOf', () => {
  it('holds every finite point, and widens a single one', () => {
    expect(areaOf([rising, { name: 'b', x: [200, Number.NaN], y: [-1, 7] }])).toEqual({
      x: { low: 0, high: 200 },
      y: { low: -1, high: 1 },
    });
    expect(areaOf([{ name: 'one', x: [3], y: [0] }])).toEqual({
      x: { low: 2.7, high: 3.3 },
      y: { low: -1, high: 1 },
    });
    expect(areaOf([{ name: 'none', x: [1], y: [Number.NaN] }])).toBeUndefined();
    expect(areaOf([rising], [0, 2])!.y).toEqual({ low: 0, high: 2 });
  });
});

describe('terminalPlot', () => {
  it('draws a rising line from the lower left to the upper right', () => {
    const lines = terminalPlot([rising], {
      width: 31,
      height: 12,
      ascii: true,
      title: 'up',
      xLabel: 'step',
    }).split('\n');
    expect(lines).toEqual([
      'up',
      '  1 |                       ***',
      '    |                    ****',
      '    |                 ****',
      '    |              ****',
      '0.5 |           ****',
      '    |        ****',
      '    |     ****',
      '    |  ****',
      '  0 |***',
      '    +--------------------------',
      '     0         step          99',
    ]);
  });

  it('draws braille dots', () => {
    const plot = terminalPlot([{ name: 'x', x: [0, 1], y: [0, 1] }], { width: 20, height: 6 });
    expect(plot).toMatch(/[\u2801-\u28ff]/);
    expect(plot.split('\n')).toHaveLength(6);
  });

  it('keeps to its width, whatever it is given', () => {
    const numbers = fc.array(fc.double(), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.string({ unit: 'binary' }), x: numbers, y: numbers }), {
          maxLength: 9,
        }),
        fc.integer({ min: 20, max: 100 }),
        fc.boolean(),
        (series, width, ascii) => {
          const lines = terminalPlot(series, {
            width,
            ascii,
            title: 'a title',
            xLabel: 'a long label for steps',
          }).split('\n');
          for (const line of lines) {
            expect(line.length).toBeLessThanOrEqual(width);
            expect(line).not.toMatch(/[\u0000-\u001f\u007f]/);
          }
        },
      ),
      { seed: 2 },
    );
  });

  it('names several series, in colour if asked', () => {
    const plain = terminalPlot([rising, falling]);
    expect(plain).toContain('━ reward  ━ entropy');
    expect(plain).not.toContain('\u001b');
    expect(terminalPlot([rising, falling], { color: true })).toContain('\u001b[33m━ entropy\u001b[0m');
    expect(terminalPlot([{ ...rising, name: '\u001b[2Jx' }, falling])).not.toContain('\u001b');
  });

  it('leaves gaps where there is no value, and says when there is none at all', () => {
    const gap = { name: 'x', x: [0, 1, 2, 3, 4], y: [1, 1, Number.NaN, 1, 1] };
    const drawn = terminalPlot([gap], { width: 40, height: 8, ascii: true });
    expect(drawn).toMatch(/\*+ {5,}\*+/);
    expect(terminalPlot([], { title: 't' })).toBe('t\n(no values to plot)');
  });

  it('costs nothing for values far outside of a given range', () => {
    const far = { name: 'x', x: [0, 1, 2], y: [0, 1e300, 0] };
    expect(terminalPlot([far], { yRange: [0, 1] }).split('\n')).toHaveLength(16);
  });
});

describe('svgPlot', () => {
  it('places points by the axes', () => {
    const svg = svgPlot([{ name: 'a', x: [0, 10], y: [0, 1] }], { width: 400, height: 200 });
    expect(svg).toContain('<path d="M31 168L384 12" fill="none" stroke="#0072b2"');
    expect(svg).toContain('currentColor');
    expect(svg).toContain('<title>a</title>');
    expect(svg.match(/<text /g)!.length).toBeGreaterThanOrEqual(6);
  });

  it('has title, labels, legend and background where they are asked for', () => {
    const svg = svgPlot([rising, falling], {
      title: 'T',
      xLabel: 'step',
      yLabel: 'value',
      background: '#fff',
    });
    for (const text of ['>T<', '>step<', '>value<', '>reward<', '>entropy<', 'fill="#fff"'])
      expect(svg).toContain(text);
    expect(svg).not.toContain('currentColor');
    expect(svgPlot([rising])).not.toContain('>reward</text>');
  });

  it('breaks the line at gaps and shows lonely points', () => {
    const y = [1, 2, Number.NaN, 3, Number.NaN, 4, 5];
    const svg = svgPlot([{ name: 'x', x: y.map((_, i) => i), y }]);
    expect(svg.match(/stroke-linejoin/g)).toHaveLength(3);
    expect(svg.match(/stroke-linecap="round"/g)).toHaveLength(1);
    expect(svgPlot([])).toContain('no values to plot');
  });

  it('escapes every text', () => {
    const evil = '</svg><script>alert("1")</script>&\u0000\ud800\'';
    const svg = svgPlot(
      [
        { ...rising, name: evil },
        { ...falling, name: evil },
      ],
      { title: evil, xLabel: evil, yLabel: evil, background: evil },
    );
    expect(svg).not.toContain('<script');
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
    expect(svg).toContain('&lt;script&gt;alert(&quot;1&quot;)');
    expect(svg).not.toContain('\u0000');
    expect(svg.isWellFormed()).toBe(true);
  });

  it('never writes NaN or Infinity, whatever it is given', () => {
    const numbers = fc.array(fc.double(), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constant('n'), x: numbers, y: numbers }), { maxLength: 8 }),
        (series) => {
          expect(svgPlot(series)).not.toMatch(/NaN|Infinity/);
        },
      ),
      { seed: 3 },
    );
  });
});
