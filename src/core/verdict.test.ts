import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asVerdict,
  type Cause,
  causes,
  codePoints,
  countNoVerdict,
  isNoVerdict,
  type NoVerdictCount,
  noVerdict,
  toWire,
  type Verdict,
  verdict,
} from './verdict.ts';

describe('verdict', () => {
  it('takes finite values only', () => {
    expect(verdict(0.5, 'half right', { answer: '1/2' })).toEqual({
      value: 0.5,
      reason: 'half right',
      answer: '1/2',
    });
    expect(verdict(1)).toEqual({ value: 1 });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => verdict(bad)).toThrow(RangeError);
  });

  it('is none with a cause', () => {
    const none = noVerdict('judge', 'the judge said nothing', { confidence: 0 });
    expect(none).toEqual({ value: null, cause: 'judge', reason: 'the judge said nothing', confidence: 0 });
    expect([isNoVerdict(none), isNoVerdict(undefined), isNoVerdict(verdict(0))]).toEqual([true, true, false]);
  });
});

describe('asVerdict', () => {
  it('lifts numbers and booleans', () => {
    expect(asVerdict(true)).toEqual({ value: 1 });
    expect(asVerdict(false)).toEqual({ value: 0 });
    expect(asVerdict(-2.5)).toEqual({ value: -2.5 });
  });

  it('keeps proper verdicts as they are', () => {
    const proper = verdict(1, 'right');
    expect(asVerdict(proper)).toBe(proper);
    for (const cause of causes) {
      const none = noVerdict(cause, 'why');
      expect(asVerdict(none)).toBe(none);
    }
  });

  it('blames the checker for everything else', () => {
    for (const odd of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      undefined,
      null,
      'yes',
      [],
      {},
      () => 1,
      { value: '1' },
      { value: Number.NaN },
      { value: undefined },
    ])
      expect(asVerdict(odd)).toMatchObject({
        value: null,
        cause: 'crash',
        reason: expect.stringMatching(/^the reward returned /),
      });
    expect(asVerdict({ value: null })).toMatchObject({ value: null, cause: 'crash' });
    expect(asVerdict({ value: null, cause: 'because', reason: 'kept' })).toMatchObject({
      cause: 'crash',
      reason: 'kept',
    });
  });

  it('gives a value or a cause for anything', () => {
    fc.assert(
      fc.property(fc.anything(), (thing) => {
        const { value, cause } = asVerdict(thing);
        expect(value === null ? causes.includes(cause as Cause) : Number.isFinite(value)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('codePoints', () => {
  it('counts as the iterator of strings does, at every whole offset', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let units = 0;
        let count = 0;
        for (const character of text) {
          expect(codePoints(text, units)).toBe(count);
          units += character.length;
          count++;
        }
        expect(codePoints(text, units)).toBe(count);
        expect(codePoints(text, units + 5)).toBe(count);
      }),
      { seed: 2 },
    );
  });

  it('counts a lone surrogate as one', () => {
    expect(codePoints('a\ud83db', 3)).toBe(3);
    expect(codePoints('😀', 1)).toBe(1); // an offset inside of a pair
    expect(codePoints('\ude00😀', 3)).toBe(2);
  });
});

describe('toWire', () => {
  it('says reward for value, all the way down, and counts code points by turn', () => {
    const inner: Verdict = verdict(1, 'right');
    const from: Verdict = {
      value: null,
      cause: 'judge',
      reason: 'no answer',
      parts: { correct: inner, ['__proto__']: verdict(0) },
      spans: [
        { start: 2, end: 3, value: 1, part: 'step', at: 'end' },
        { start: 4, end: 4, value: null, part: 'step', at: 'each', turn: 1 },
        { start: 1, end: 2, value: 0, part: 'step', at: 'each', turn: 7 },
      ],
      answer: '42',
      at: { start: 0, end: 2 },
      confidence: 0.5,
      reward: 'judge',
      version: '3',
    };
    const wire = toWire(from, ['😀x', '😀😀']);
    expect(JSON.parse(JSON.stringify(wire))).toEqual(
      JSON.parse(
        `{"reward":null,"cause":"judge","reason":"no answer","parts":{"correct":{"reward":1,"reason":"right"},"__proto__":{"reward":0}},
         "spans":[{"start":1,"end":2,"value":1,"part":"step","at":"end"},{"start":2,"end":2,"value":null,"part":"step","at":"each","turn":1},
         {"start":0,"end":0,"value":0,"part":"step","at":"each","turn":7}],"answer":"42","confidence":0.5}`,
      ),
    );
    expect(toWire(verdict(2))).toEqual({ reward: 2 });
  });
});

describe('countNoVerdict', () => {
  it('counts by cause', () => {
    const counts: NoVerdictCount = { n: 0, causes: {} };
    for (const one of [
      verdict(1),
      noVerdict('crash', ''),
      noVerdict('judge', ''),
      noVerdict('crash', ''),
      { value: null },
    ])
      countNoVerdict(counts, one);
    expect(counts).toEqual({ n: 4, causes: { crash: 3, judge: 1 } });
  });
});

describe('a part without a finite value', () => {
  it('is no verdict, and the others stay as they are', () => {
    const sound = { value: 0.5 };
    const { value, parts } = asVerdict({
      value: 1,
      parts: { sound, broken: { value: Number.NaN }, none: { value: null, cause: 'judge' } },
    });
    expect(value).toBe(1);
    expect(parts!.sound).toBe(sound);
    expect(parts!.broken).toMatchObject({ value: null, cause: 'crash' });
    expect(parts!.none).toMatchObject({ value: null, cause: 'judge' });
    const whole = { value: 1, parts: { sound } };
    expect(asVerdict(whole)).toBe(whole);
  });
});
