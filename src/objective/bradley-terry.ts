import { z } from 'zod';
import {
  bounded,
  described,
  type Loss,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { sigmoid, softplus } from './bounded.ts';
import { preferencesOf } from './sequences.ts';
import { lastTrained } from './targets.ts';

const schema = z.object({
  /** Subtracted from the difference of the scores. */
  margin: z.number().default(0),
});

export type BradleyTerryOptions = z.input<typeof schema>;

/**
 * −y log σ(a − b) − (1 − y) log σ(b − a) per pair and its derivative in a − b; y is how far a is preferred: 1, or ½ for a tie (oni).
 * Invalid pairs count for nothing; the mean divides by Σ valid + `epsilon` (cooper: 1e-6), so that none valid is 0.
 */
export function bradleyTerryPairs(
  differences: Float64Array,
  {
    targets,
    valid,
    epsilon = 0,
  }: {
    readonly targets?: ArrayLike<number>;
    readonly valid?: ArrayLike<number>;
    readonly epsilon?: number;
  } = {},
): { loss: number; slopes: Float64Array } {
  const slopes = new Float64Array(differences.length);
  let loss = 0;
  let total = 0;
  for (let i = 0; i < differences.length; i++) total += valid?.[i] ?? 1;
  if (total === 0) return { loss, slopes };
  for (let i = 0; i < differences.length; i++) {
    const share = (valid?.[i] ?? 1) / (total + epsilon);
    const y = targets?.[i] ?? 1;
    const x = bounded(differences[i]!);
    loss += share * (y * softplus(-x) + (1 - y) * softplus(x));
    slopes[i] = share * (sigmoid(x) - y);
  }
  return { loss, slopes };
}

/**
 * The Bradley–Terry loss of a scalar head: scores are the values at the last trained token of a sample; every chosen sample of
 * a group is paired with every rejected one, all pairs weigh the same.
 */
export function bradleyTerryLoss(batch: TokenBatch, options: BradleyTerryOptions = {}): Loss {
  const { margin } = schema.parse(options);
  const { values } = batch;
  if (!values) throw new RangeError('the batch has no values');
  const last = lastTrained(batch);
  const pairs = preferencesOf(batch).flatMap(({ chosen, rejected }) =>
    chosen.flatMap((c) => rejected.map((r) => [last[c]!, last[r]!] as const)),
  );
  const differences = Float64Array.from(
    pairs,
    ([c, r]) => bounded(values[c]!) - bounded(values[r]!) - margin,
  );
  const { loss, slopes } = bradleyTerryPairs(differences);
  const dValue = new Float64Array(values.length);
  pairs.forEach(([c, r], i) => {
    dValue[c] = dValue[c]! + slopes[i]!;
    dValue[r] = dValue[r]! - slopes[i]!;
  });
  const right = differences.filter((d) => d + margin > 0).length / Math.max(1, pairs.length);
  return { loss, dValue, metrics: { bradleyTerry: loss, bradleyTerryAccuracy: right } };
}

/** `bradleyTerryLoss` as an objective. */
export function bradleyTerry(options: BradleyTerryOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'bradleyTerry'");
  return described('bradleyTerry', '1', parsed, {
    needs: { values: true },
    loss: (batch: TokenBatch) => bradleyTerryLoss(batch, parsed),
  });
}
