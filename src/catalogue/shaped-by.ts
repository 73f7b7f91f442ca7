import { z } from 'zod';
import { type AnyRewardFactory, InputError, parseOptions, type Reward } from '../core/index.ts';
import * as shape from '../shape/index.ts';
import { compositeBy, exactly, only, parts, partsNamed } from './composite.ts';

const inner = { parts: partsNamed('inner, the reward that is shaped') };
const { sigmoid, minMax, decay } = shape.squashSchemas;
/** A weight that may be a schedule in a recipe: a file or a request has no steps, so here it is a number. */
const { alpha } = shape.trustSchema.shape;
const fixedAlpha = z
  .number()
  .default(alpha.parse(undefined) as number)
  .describe(alpha.description!);

/**
 * The shapes that need nothing but the samples of a row, as the catalogue has them, so that a file or a server can be scored with
 * them: their parts are specs. Those that follow a run's steps or remember batches (anneal, noise, standardize, cost, topGroups) are for
 * recipes alone. Lengths are in tokens: rows and requests say how many (`completion_tokens`).
 */
export function shapedBy(build: (spec: unknown) => Reward): AnyRewardFactory[] {
  const define = compositeBy(build);
  return [
    define(
      {
        name: 'gate',
        summary: 'a reward that counts only where a condition holds; elsewhere a stated value',
        source: 'search-gen-v; ARMed; MedCCO',
        options: z.object({
          parts: partsNamed('when and inner, the condition and the reward behind it'),
          ...shape.gateSchema.shape,
        }),
        examples: [
          {
            completion: 'It is 7.',
            answer: '7',
            options: {
              parts: { when: 'tagFormat?tags=answer', inner: 'number' },
              otherwise: -1,
            },
            value: -1,
          },
        ],
      },
      (built, options) => {
        const { when, inner } = exactly('gate', built, 'when', 'inner');
        return shape.gate(when, inner, only(shape.gateSchema, options));
      },
    ),
    define(
      {
        name: 'override',
        summary: 'the first of several cases that holds decides the total; else the reward',
        source: 'SWE-RL, Router-R1, ToTRL (−1 for what is malformed)',
        options: z.object({
          parts: partsNamed('inner, and the condition of each case, which holds above 0'),
          values: z.record(z.string().min(1), z.number()).describe('by case, in order: the value it decides'),
        }),
        examples: [
          {
            completion: 'seven',
            answer: '7',
            options: { parts: { inner: 'number', long: 'length?min=2' }, values: { long: -1 } },
            value: 0,
          },
        ],
      },
      ({ inner, ...conditions }, { values }) => {
        const names = Object.keys(values);
        if (inner === undefined) throw new InputError("reward 'override': option 'parts' lacks 'inner'");
        for (const name of new Set([...names, ...Object.keys(conditions)]))
          if (!Object.hasOwn(conditions, name) || !Object.hasOwn(values, name))
            throw new InputError(`reward 'override': case '${name}' needs a part and a value`);
        return shape.override(
          inner,
          Object.fromEntries(names.map((name) => [name, [conditions[name]!, values[name]!] as const])),
        );
      },
    ),
    define(
      {
        name: 'product',
        summary: 'the product of several rewards: a conjunction where they are 0 or 1',
        source: 'AutoTriton; CARL; Time-R1',
        options: z.object({ parts }),
        examples: [
          {
            completion: 'red, blue',
            answer: ['red', 'green'],
            options: { parts: { right: 'labels', short: 'length?max=1&decay=2' } },
            value: 0.25,
          },
        ],
      },
      (built) => shape.product(built),
    ),
    define(
      {
        name: 'payoff',
        summary: 'a table over the values of several rewards',
        source: 'SimpleRL-Zoo; ReSeek; Critique-RL; CAPO',
        options: z.object({ parts, ...shape.payoffSchema.shape }),
        examples: [
          {
            completion: '8',
            answer: '7',
            options: {
              parts: { correct: 'number', boxed: 'number?from=boxed' },
              rows: [
                { when: { correct: 1, boxed: 1 }, value: 1 },
                { when: { boxed: 0 }, value: -1 },
              ],
            },
            value: -1,
          },
        ],
      },
      (built, { rows, otherwise }) => shape.payoff(built, rows, otherwise),
    ),
    define(
      {
        name: 'clamp',
        summary: 'values held between two bounds',
        source: 'HARMO; oni; R1-Reward',
        options: z.object({ ...inner, ...shape.clampSchema.shape }),
        examples: [
          {
            completion: 'red, blue',
            answer: ['red', 'blue'],
            options: { parts: { inner: 'labels' }, high: 0.8 },
            value: 0.8,
          },
        ],
      },
      (built, options) =>
        shape.clamp(exactly('clamp', built, 'inner').inner, only(shape.clampSchema, options)),
    ),
    define(
      {
        name: 'squash',
        summary: 'values brought into a range: sigmoid, min–max, or exp(−rate · x)',
        source: 'Skywork-R1V2; RESTL; SophiaVL-R1',
        options: z.object({
          ...inner,
          form: z
            .enum(shape.squashForms)
            .describe('1/(1 + e^(−(x − centre)/width)); (x − low)/(high − low) within [0, 1]; e^(−rate·x)'),
          centre: sigmoid.shape.centre.unwrap().optional().describe(sigmoid.shape.centre.description!),
          width: sigmoid.shape.width.unwrap().optional().describe(sigmoid.shape.width.description!),
          low: minMax.shape.low.optional().describe(`${minMax.shape.low.description} (0)`),
          high: minMax.shape.high.optional().describe(`${minMax.shape.high.description} (1)`),
          rate: decay.shape.rate.unwrap().optional().describe(decay.shape.rate.description!),
        }),
        examples: [
          {
            completion: 'red, blue',
            answer: ['red', 'green'],
            options: { parts: { inner: 'labels' }, form: 'minMax', low: 0.25, high: 0.75 },
            value: 0.5,
          },
        ],
      },
      (built, { parts: _, ...options }) => {
        const { inner } = exactly('squash', built, 'inner');
        const { form } = options;
        const given = form === 'minMax' ? { low: 0, high: 1, ...options } : options;
        const filled = parseOptions(shape.squashSchemas[form], given, `reward 'squash' of form '${form}'`);
        return shape.squash(inner, filled);
      },
    ),
    define(
      {
        name: 'blend',
        summary: 'κ·rule + (1 − κ)·model, κ the confidence of the rule’s verdict',
        source: 'HARMO',
        options: z.object({ parts: partsNamed('rule and model') }),
        examples: [
          {
            completion: 'Paris',
            answer: 'Paris',
            options: { parts: { rule: 'exact', model: 'levenshtein' } },
            value: 1,
          },
        ],
      },
      (built) => shape.blend(exactly('blend', built, 'rule', 'model')),
    ),
    define(
      {
        name: 'trust',
        summary: 'outcome + γ·α·thinking, γ how far the group’s outcomes agree with the thinking scores',
        source: 'Trust-GRPO (SophiaVL-R1)',
        scope: 'group',
        options: z.object({
          parts: partsNamed('outcome and thinking'),
          ...shape.trustSchema.shape,
          alpha: fixedAlpha,
        }),
        examples: [
          {
            completion: '<answer>7</answer>',
            answer: '7',
            options: { parts: { outcome: 'number?from=tag', thinking: 'exact?from=tag' } },
            value: 1.3,
          },
        ],
      },
      (built, options) =>
        shape.trust(exactly('trust', built, 'outcome', 'thinking'), only(shape.trustSchema, options)),
    ),
    define(
      {
        name: 'overlong',
        summary: 'a penalty for length: 0 up to max − buffer tokens, then linearly to −factor at max',
        source: 'DAPO (Yu et al. 2025), to be a part of weighted; verl grows beyond max, TRL holds',
        minimum: -1,
        options: z.object(shape.overlongSchema.shape),
        examples: [
          { completion: 'a long one', tokens: 90, options: { max: 100, buffer: 20 }, value: -0.5 },
          { completion: 'text alone', options: { max: 100, buffer: 20 }, value: null },
        ],
      },
      (_, options) => shape.overlong(options),
    ),
    define(
      {
        name: 'cosineLength',
        summary: 'a half cosine over the length in tokens, by correctness, in place of the value',
        source: 'Light-IF (long right answers earn more); VLM-R1 (short ones do)',
        options: z.object({
          ...inner,
          ...shape.cosineLengthSchema.shape,
        }),
        examples: [
          {
            completion: '7',
            answer: '7',
            tokens: 50,
            options: { parts: { inner: 'number' }, max: 100, right: [1, 0.5], wrong: [-1, 0] },
            value: 0.75,
          },
        ],
      },
      (built, options) =>
        shape.cosineLength(
          exactly('cosineLength', built, 'inner').inner,
          only(shape.cosineLengthSchema, options),
        ),
    ),
    define(
      {
        name: 'lengthZScore',
        summary: '1 − α σ(z) for right answers, z their length among the right ones of the group; wrong 0',
        source: 'GRPO-λ (Dai et al. 2025)',
        scope: 'group',
        options: z.object({
          ...inner,
          ...shape.lengthZScoreSchema.shape,
        }),
        examples: [
          { completion: '7', answer: '7', tokens: 5, options: { parts: { inner: 'number' } }, value: 0.9 },
        ],
      },
      (built, options) =>
        shape.lengthZScore(
          exactly('lengthZScore', built, 'inner').inner,
          only(shape.lengthZScoreSchema, options),
        ),
    ),
    define(
      {
        name: 'adaptiveLength',
        summary: 'a bonus or malus for length, by a budget between the group’s right mean and its longest',
        source: 'UI-R1-E',
        scope: 'group',
        options: z.object({ ...inner, ...shape.adaptiveLengthSchema.shape }),
        examples: [
          { completion: '7', answer: '7', tokens: 5, options: { parts: { inner: 'number' } }, value: 1.5 },
        ],
      },
      (built, options) =>
        shape.adaptiveLength(
          exactly('adaptiveLength', built, 'inner').inner,
          only(shape.adaptiveLengthSchema, options),
        ),
    ),
    define(
      {
        name: 'lengthBand',
        summary: 'a penalty for a length far from the mean of the group’s right answers',
        source: 'HARMO; the formula is our reading',
        scope: 'group',
        options: z.object({
          ...inner,
          ...shape.lengthBandSchema.shape,
        }),
        examples: [
          { completion: '7', answer: '7', tokens: 5, options: { parts: { inner: 'number' } }, value: 0 },
        ],
      },
      (built, options) =>
        shape.lengthBand(exactly('lengthBand', built, 'inner').inner, only(shape.lengthBandSchema, options)),
    ),
  ];
}
