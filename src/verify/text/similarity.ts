import { z } from 'zod';
import {
  defineReward,
  noVerdict,
  type RewardDefinition,
  type RewardFactory,
  type Verdict,
  verdict,
} from '../../core/index.ts';
import { normalizations, quote, textNormalize } from '../../parse/index.ts';
import { type AnswerSource, answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';
import { goldTexts } from './golds.ts';

/** The options that every comparison with gold texts has. */
export const comparisonOptions = {
  ...answerSource('whole'),
  normalize: z.enum(normalizations).default('none').describe('canonical form taken of both sides first'),
  split: z.string().min(1).optional().describe('cuts each gold string into alternatives'),
  maxLength: z
    .int()
    .positive()
    .default(30_000)
    .describe('longest text in UTF-16 units; a longer candidate gets the minimum, a longer gold no verdict'),
};

/** Table cells that one unit of fuel pays for: 32 an operation, 32 operations a unit. */
const cellsPerFuel = 1024;

/** What a comparison says; `fault` where a gold is beyond what can be compared. */
export interface Comparison {
  readonly value: number;
  readonly reason?: string;
  readonly fault?: 'reference';
}

/** Compares a candidate with all golds; both sides are normalised and within the limit. */
type Compare = (candidate: string, golds: readonly string[], fuel: number) => Comparison;

type SimilarityDefinition<S extends z.ZodRawShape> = Omit<RewardDefinition, 'options' | 'scope'> & {
  options: S;
  minimumOf?(options: z.output<z.ZodObject<S & typeof comparisonOptions>>): number;
  /** Gets the options once. */
  create(options: z.output<z.ZodObject<S & typeof comparisonOptions>>): Compare;
};

/**
 * A reward that compares the completion with the golds. The limit is on either length, so that the
 * cost of a quadratic table is bounded by each side alone: a candidate over it is its own fault (minimum), a gold over it
 * the reference's (no verdict), whatever the other side is.
 */
export function defineSimilarity<S extends z.ZodRawShape>(
  definition: SimilarityDefinition<S>,
): RewardFactory<z.input<z.ZodObject<S & typeof comparisonOptions>>> {
  const { create, options: shape, ...about } = definition;
  const schema = z.object({ ...shape, ...comparisonOptions }) as z.ZodObject<S & typeof comparisonOptions>;
  return defineReward({
    ...about,
    options: schema,
    create: (options) => {
      const compare = create(options);
      const minimum = about.minimumOf?.(options) ?? 0;
      const given = options as z.output<z.ZodObject<typeof comparisonOptions>>;
      return (sample, context): Verdict => {
        const golds = goldTexts(sample.task.answer, given.split);
        if (golds === undefined) return noVerdict('reference', 'the task has no answer text to compare with');
        const limit = Math.min(given.maxLength, Math.floor(Math.sqrt(cellsPerFuel * context.fuel)));
        const long = golds.find((gold) => gold.length > limit);
        if (long !== undefined)
          return noVerdict('reference', `a gold answer has ${long.length} characters, the limit is ${limit}`);
        const { text: whole, tooLong } = candidateText(sample, context, minimum);
        if (tooLong) return tooLong;
        const text = answerText(whole, given);
        if (text === undefined) return verdict(minimum, nothingAt(given));
        if (text.length > limit)
          return verdict(minimum, `the answer has ${text.length} characters, the limit is ${limit}`);
        const { value, reason, fault } = compare(
          textNormalize(text, given.normalize),
          golds.map((gold) => textNormalize(gold, given.normalize)),
          context.fuel,
        );
        if (fault !== undefined) return noVerdict(fault, reason ?? 'the gold answer cannot be compared');
        return verdict(value, reason);
      };
    },
  }) as unknown as RewardFactory<z.input<z.ZodObject<S & typeof comparisonOptions>>>;
}

/** What is compared: the whole text as it is, blanks and all, or the answer at its place. */
export function answerText(whole: string, source: AnswerSource): string | undefined {
  return source.from === 'whole' ? whole : readAnswer(whole, source)?.value;
}

/** The best comparison over several golds; a fault of one gold is the fault of all. */
export function bestOf(one: (candidate: string, gold: string, fuel: number) => Comparison): Compare {
  return (candidate, golds, fuel) => {
    let best: Comparison = { value: Number.NEGATIVE_INFINITY };
    let which = 0;
    for (let i = 0; i < golds.length; i++) {
      const comparison = one(candidate, golds[i]!, fuel);
      if (comparison.fault !== undefined) return comparison;
      if (comparison.value > best.value) {
        best = comparison;
        which = i;
      }
    }
    const among = golds.length > 1 ? ` (best of ${golds.length})` : '';
    return { value: best.value, reason: `${best.reason} against ${quote(golds[which]!)}${among}` };
  };
}

/** Three decimals at most, for reason lines. */
export function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
