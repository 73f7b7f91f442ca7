import {
  callReward,
  InputError,
  noVerdict,
  type Reward,
  type RewardContext,
  scoringContext,
  type Verdict,
} from '../../core/index.ts';
import { chooseFields, type FieldNames, type Fields } from '../read/fields.ts';
import type { Row, RowBatch } from '../read/rows.ts';
import { type RowSamples, rowSamples } from '../read/samples.ts';

/** A row with its verdicts: one, or one a completion where the row is a group. */
export interface ScoredRow extends RowSamples {
  readonly row: Row;
  /** Where the row stands in its file. */
  readonly line: number;
  readonly verdicts: readonly Verdict[];
}

export interface ScoredBatch {
  readonly rows: readonly ScoredRow[];
  readonly fields: Fields;
  readonly share?: number;
}

/**
 * Scores the rows of a file, block by block in order. A reward of group scope gets the completions of a row together; a
 * row that is no group, and any row under a batch-scoped reward, is no verdict (`unsupported`): never scored alone. Throws
 * InputError for a row that cannot be read and for a file without rows.
 */
export async function* scoreRows(
  batches: AsyncIterable<RowBatch>,
  reward: Reward,
  options: { readonly file: string; readonly names?: FieldNames; readonly context?: Partial<RewardContext> },
): AsyncGenerator<ScoredBatch> {
  const { file, names = {} } = options;
  const context = scoringContext(options.context);
  let fields: Fields | undefined;
  let count = 0;
  for await (const { rows, lines, share } of batches) {
    fields ??= chooseFields(names, rows[0]!, file, lines[0]);
    const read = new Array<RowSamples>(rows.length);
    for (let i = 0; i < rows.length; i++)
      read[i] = rowSamples(rows[i]!, fields, { file, line: lines[i]!, row: count + i });
    const verdicts = await scoreRead(read, reward, context);
    const scored = read.map(
      (one, i): ScoredRow => ({
        id: one.id,
        task: one.task,
        samples: one.samples,
        isGroup: one.isGroup,
        row: rows[i]!,
        line: lines[i]!,
        verdicts: verdicts[i]!,
      }),
    );
    yield { rows: scored, fields, share };
    count += rows.length;
  }
  if (count === 0) throw new InputError('has no rows', { file });
}

/**
 * The verdicts of rows, one list a row. A sample-scoped reward gets all samples in one call, a group-scoped one those of a
 * row; a row that is no whole group, and any row under a batch-scoped reward, is no verdict (`unsupported`).
 */
export async function scoreRead(
  read: readonly RowSamples[],
  reward: Reward,
  context: RewardContext,
): Promise<readonly (readonly Verdict[])[]> {
  if (reward.scope === 'sample') {
    const all = await callReward(
      reward,
      read.flatMap(({ samples }) => samples),
      context,
    );
    let end = 0;
    return read.map(({ samples }) => {
      end += samples.length;
      return all.slice(end - samples.length, end);
    });
  }
  const alone = noVerdict(
    'unsupported',
    `'${reward.name}' needs a whole ${reward.scope}; a row of a file is ${reward.scope === 'group' ? 'one completion' : 'none'}`,
  );
  const verdicts: (readonly Verdict[])[] = [];
  for (const { samples, isGroup, task } of read)
    verdicts.push(
      reward.scope === 'group' && isGroup
        ? await callReward(reward, samples, { ...context, group: { task, samples: [...samples] } })
        : samples.map(() => alone),
    );
  return verdicts;
}
