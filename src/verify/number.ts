import { z } from 'zod';
import { defineReward, type Json, noVerdict, verdict } from '../core/index.ts';
import { detach, numberIn, quote, type StatedNumber, statedNumber, toNumber } from '../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from './answer-source.ts';
import { candidateText } from './candidate.ts';
import { type StatedUnit, sameKind, unitBeside } from './stated-unit.ts';

/** 1 if the number that the completion gives is the reference, exactly or within a tolerance. */
export const number = defineReward({
  name: 'number',
  version: '1',
  summary: 'the number given as the answer equals the reference, exactly or within a tolerance',
  options: z.object({
    ...answerSource('ladder'),
    tolerance: z.number().min(0).default(0).describe('allowed absolute difference'),
    relative: z.number().min(0).default(0).describe('allowed difference as a share of the reference'),
    units: z
      .enum(['ignore', 'same', 'convert', 'required'])
      .default('ignore')
      .describe(
        'where both sides state a unit: they do not count; must be the same; must measure the same thing and are converted; and must not be missing either',
      ),
  }),
  examples: [
    { completion: 'So she pays $1,200.', answer: 1200, value: 1 },
    { completion: 'The answer is 3/4 of a mile.', answer: '0.75', value: 1 },
    { completion: '\\boxed{3.14}', answer: Math.PI, options: { tolerance: 0.01 }, value: 1 },
    { completion: 'It is 18 or 20', answer: 18, options: { from: 'whole' }, value: 0 },
    { completion: 'It is 1.5 km long.', answer: '1500 metres', options: { units: 'convert' }, value: 1 },
    { completion: '90 seconds', answer: '90 minutes', options: { units: 'same' }, value: 0 },
    { completion: '7', answer: 'seven', value: null },
  ],
  create(options) {
    return (sample, context) => {
      const reference = referenceNumber(sample.task.answer);
      if (reference === undefined) return noVerdict('reference', 'the task has no number as its answer');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const stated = statedNumber(text, found.start, found.end);
      const unit = referenceUnit(sample.task.answer);
      if (options.units === 'ignore' || unit === undefined || stated.kind !== 'number')
        return judgeNumber(stated, reference, options, found.value);
      const own = unitBeside(text, stated.start, stated.end);
      const at = { start: stated.start, end: stated.end };
      if (own === undefined)
        return options.units === 'required'
          ? verdict(0, `the unit is missing: ${unit.name}`, { at })
          : judgeNumber(stated, reference, options, found.value);
      if (!sameKind(own, unit)) return verdict(0, `${own.name} is not ${unit.name}`, { at });
      const factor = own.factor / unit.factor;
      if (factor === 1) return judgeNumber(stated, reference, options, found.value);
      if (options.units === 'same') return verdict(0, `${own.name} is not ${unit.name}`, { at });
      return judgeConverted(stated.value, factor, reference, options, at);
    };
  },
});

/** The unit that the reference states, if it is a text that does. */
function referenceUnit(answer: Json | undefined): StatedUnit | undefined {
  if (typeof answer !== 'string' || answer.length > 10_000) return undefined;
  const stated = statedNumber(answer);
  return stated.kind === 'number' ? unitBeside(answer, stated.start, stated.end) : undefined;
}

/** What rounding may do to a converted value, as a share of it. */
const rounding = 1e-9;

function judgeConverted(
  value: string,
  factor: number,
  reference: string,
  { tolerance = 0, relative = 0 }: Tolerance,
  at: { readonly start: number; readonly end: number },
) {
  const [said, wanted] = [toNumber(value) * factor, toNumber(reference)];
  const right =
    Number.isFinite(said) &&
    Math.abs(said - wanted) <= tolerance + Math.max(relative, rounding) * Math.abs(wanted);
  const answer = Number.isFinite(said) ? String(said) : clip(value);
  return right
    ? verdict(1, `equal to ${clip(reference)} once converted`, { answer, at })
    : verdict(0, `${answer}, converted, is not ${clip(reference)}`, { answer, at });
}

export interface Tolerance {
  readonly tolerance?: number;
  readonly relative?: number;
}

/** The verdict on a number that was stated (in `statement`), against a canonical reference. */
export function judgeNumber(
  stated: StatedNumber,
  reference: string,
  tolerance: Tolerance = {},
  statement = '',
) {
  if (stated.kind === 'none') return verdict(0, `${quote(statement)} has no number`);
  const at = { start: stated.start, end: stated.end };
  if (stated.kind === 'open')
    return verdict(
      0,
      `more than one number is left standing: ${stated.numbers.map((n) => quote(n, 20)).join(', ')}`,
      {
        at,
      },
    );
  const matches = [stated.value, stated.alternative].find(
    (value) => value !== undefined && sameNumber(value, reference, tolerance),
  );
  const answer = detach((matches ?? stated.value).slice(0, 1000));
  if (matches === undefined)
    return verdict(0, `${clip(stated.value)} is not ${clip(reference)}`, { answer, at });
  return verdict(
    1,
    matches === reference ? `equal to ${clip(reference)}` : `within the tolerance of ${clip(reference)}`,
    {
      answer,
      at,
    },
  );
}

function clip(value: string): string {
  return value.length <= 40 ? detach(value) : `${detach(value.slice(0, 39))}…`;
}

/** Equality of canonical numbers; with a tolerance |a − b| ≤ tolerance + relative · |b|, b the reference. */
export function sameNumber(a: string, b: string, { tolerance = 0, relative = 0 }: Tolerance = {}): boolean {
  if (a === b) return true;
  if (tolerance === 0 && relative === 0) return false;
  const [x, y] = [toNumber(a), toNumber(b)];
  return Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= tolerance + relative * Math.abs(y);
}

/** The canonical number of a reference answer: a number, or a text that states one; undefined otherwise. */
export function referenceNumber(answer: Json | undefined): string | undefined {
  if (typeof answer === 'number') return Number.isFinite(answer) ? numberIn(String(answer)) : undefined;
  if (typeof answer !== 'string' || answer.length > 10_000) return undefined;
  const literal = numberIn(answer);
  if (literal !== undefined) return literal;
  const stated = statedNumber(answer);
  return stated.kind === 'number' ? stated.value : undefined;
}
