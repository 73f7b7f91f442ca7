import { z } from 'zod';
import {
  asReward,
  finalText,
  functionOf,
  hash32,
  noVerdict,
  parseOptions,
  type Reward,
  type RewardLike,
  type Sample,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { contentGuard } from '../parse/index.ts';
import { details, inOrder } from './cascade-parts.ts';
import { partOf } from './parts.ts';

/** Should the second reward be asked about a sample, given the first's verdict? */
export type CascadePredicate = (first: Verdict, sample: Sample<unknown>) => boolean;

/** The options that are plain values. */
export const cascadeSchema = z.strictObject({
  when: z.enum(['rejected', 'undecided', 'either']).default('either').describe('when the second is asked'),
  accepts: z.number().default(0.5).describe('from this value on the first has accepted'),
  unlessNumeric: z
    .boolean()
    .default(true)
    .describe('the second is not asked when reference and answer are both plain numbers'),
  share: z.number().min(0).max(1).default(1).describe('so much of what is eligible is asked about'),
  seed: z.int().default(0).describe('of the choice by share'),
});
const { when: cases } = cascadeSchema.shape;
const schema = cascadeSchema.extend({
  /**
   * When the second is asked: 'rejected' where the first gave its minimum or less than `accepts`, 'undecided' where it gave
   * no verdict, 'either', or a predicate.
   */
  when: z
    .union([cases.unwrap(), functionOf<CascadePredicate>('verdict and sample')], {
      error: `expected one of ${cases
        .unwrap()
        .options.map((name) => `"${name}"`)
        .join('|')}, or a function`,
    })
    .default('either'),
  /** Why a text must not reach the second reward, or undefined; null switches it off. Default `contentGuard`. */
  guard: functionOf<(text: string) => string | undefined>('the text').nullish(),
});

/**
 * `unlessNumeric`: the rule knows better there (pitfalls-verifiers). `share`: of the eligible samples, chosen by the sample's id
 * (noisy-verifier-corrections).
 */
export type CascadeOptions = z.input<typeof schema>;

/**
 * Rule, then judge: the first reward's verdict stands unless the predicate holds; then the second's replaces it. What the
 * guard refuses never reaches the second: empty answers, symbols, bare openers. Where the first had no verdict, such an
 * answer is worth the minimum.
 */
export function cascade(firstPart: RewardLike, secondPart: RewardLike, options: CascadeOptions = {}): Reward {
  const parsed = parseOptions(schema, options, "shape 'cascade'");
  const { when, accepts, unlessNumeric, guard = contentGuard, share, seed } = parsed;
  const first = asReward(firstPart, partOf('cascade', 'first'));
  const second = asReward(secondPart, partOf('cascade', 'second'));
  const minimum = Math.min(first.minimum ?? 0, second.minimum ?? 0);
  const wanted: CascadePredicate =
    typeof when === 'function'
      ? when
      : ({ value }) => (value === null ? when !== 'rejected' : when !== 'undecided' && value < accepts);
  const refused = (verdict: Verdict, sample: Sample<unknown>) => {
    const text = finalText(sample);
    return guard?.(text) ?? (verdict.answer !== undefined ? guard?.(verdict.answer) : undefined);
  };
  const numeric = ({ answer }: Verdict, sample: Sample<unknown>) =>
    unlessNumeric &&
    answer !== undefined &&
    isFloatLiteral(answer) &&
    isFloatLiteral(String(sample.task.answer ?? ''));
  const drawn = (sample: Sample<unknown>) => share >= 1 || hash32(sample.id, seed) / 2 ** 32 < share;
  return inOrder(
    'cascade',
    { first, second },
    { when, accepts, unlessNumeric, guard, share, seed },
    (asked, _, sample) => {
      const said = asked.get('first')!;
      return (
        wanted(said, sample) && !numeric(said, sample) && refused(said, sample) === undefined && drawn(sample)
      );
    },
    (asked, sample) => {
      const said = asked.get('first')!;
      const appeal = asked.get('second');
      if (appeal !== undefined)
        return appeal.value === null
          ? noVerdict(appeal.cause!, `second: ${appeal.reason ?? 'no verdict'}`, details(asked))
          : verdict(appeal.value, `second: ${appeal.reason ?? appeal.value}`, details(asked, appeal));
      const why = said.value === null && wanted(said, sample) ? refused(said, sample) : undefined;
      if (why !== undefined)
        return verdict(minimum, `${why}; the second reward was not asked`, details(asked));
      return said.value === null
        ? noVerdict(said.cause!, `first: ${said.reason ?? 'no verdict'}`, details(asked))
        : verdict(said.value, `first: ${said.reason ?? said.value}`, details(asked, said));
    },
  );
}

/** What Python's `float()` reads: a decimal literal, inf or nan, blanks around it; not a fraction, not '1,000', not ''. */
export function isFloatLiteral(text: string): boolean {
  return (
    text.length < 400 &&
    /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i.test(text.trim())
  );
}
