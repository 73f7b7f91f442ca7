import { z } from 'zod';
import { oneLine } from '../../core/errors.ts';
import { defineReward } from '../../core/registry.ts';
import { finalText } from '../../core/sample.ts';
import type { Task } from '../../core/task.ts';
import { noVerdict, type Verdict, verdict } from '../../core/verdict.ts';
import { type DenseScore, englishFields, englishScore } from './light-if.ts';
import { chineseFields, chineseScore } from './light-if-chinese.ts';

const record = z.object({
  query: z.string().default(''),
  source: z.string().default(''),
  jqzl_prompt: z.looseObject({}),
});

/** Light-IF's rule reward over its own records: dense credits and the all-or-nothing score. */
export const lightIf = defineReward({
  name: 'lightIf',
  version: '1',
  summary: "Light-IF's dense reward: credits for each requirement of its records, plus 1 when all hold",
  source: 'arXiv 2508.03178; Qihoo360/Light-IF 01e9003, rl/verl/verl/utils/reward_score/IF.py',
  options: z.object({
    value: z
      .enum(['dense', 'point', 'acc'])
      .default('dense')
      .describe('credits plus all-or-nothing | credits alone | all-or-nothing alone'),
    after: z
      .string()
      .min(1)
      .nullable()
      .default('</think>')
      .describe(
        'the answer is the text after the last of these; without one the value is 0; null: the whole text',
      ),
    released: z.boolean().default(false).describe('follow the slips of the released Chinese checker'),
  }),
  examples: [
    {
      completion: 'Plan first.</think>ALPHA beta *one* and *two*. Use alpha today! Done',
      data: {
        source: 'jqzl-en',
        query: 'Write something.',
        jqzl_prompt: {
          num_highlights: 2,
          low_word_cnt: 5,
          max_word_cnt: 20,
          keywords: ['alpha'],
          keywords_num: [[1, 1]],
          num_sentences: 3,
          sentences_style: 0,
          end_phrase: 'Done',
          low_capital_cnt: 1,
          max_capital_cnt: -1,
        },
      },
      value: 1.6,
    },
    { completion: 'Done', data: { source: 'jqzl-en', jqzl_prompt: { end_phrase: 'Done' } }, value: 0 },
  ],
  create: ({ value, after, released }) => {
    return (sample, context) => {
      const read = readRecord(sample.task);
      if (typeof read === 'string')
        return noVerdict(read.startsWith('the record needs') ? 'unsupported' : 'reference', read);
      const text = finalText(sample);
      if (text.length > context.fuel)
        return verdict(0, `the completion has ${text.length} characters, the limit is ${context.fuel}`);
      const at = after === null ? 0 : text.lastIndexOf(after);
      if (at < 0) return verdict(0, `the completion has no ${after}`);
      return judged(read(text.slice(at + (after?.length ?? 0)).trim(), released), value);
    };
  },
});

type Score = (answer: string, released: boolean) => DenseScore;

/** The scoring of a record, or why there is none. The record is the row itself, or JSON in its answer or ground truth. */
function readRecord(task: Pick<Task, 'answer' | 'data'>): Score | string {
  const model = task.data?.reward_model;
  const sources = [
    task.answer,
    task.data,
    task.data?.ground_truth,
    typeof model === 'object' && model !== null && 'ground_truth' in model ? model.ground_truth : undefined,
  ].map(fromJson);
  if (sources.some((source) => typeof source === 'object' && source !== null && 'check_code' in source))
    return 'the record needs its own program (check_code) to be run';
  const found = sources.find(
    (source) => typeof source === 'object' && source !== null && 'jqzl_prompt' in source,
  );
  if (found === undefined) return 'the row has no jqzl_prompt';
  const parsed = record.safeParse(found);
  if (!parsed.success) return `the record: ${oneLine(parsed.error.issues[0]!.message)}`;
  const { query, source, jqzl_prompt } = parsed.data;
  if (source === 'jqzl-en') {
    const fields = englishFields.safeParse(jqzl_prompt);
    if (!fields.success) return fieldProblem(fields.error);
    if (fields.data.nth_paragraph > 0 && fields.data.first_word !== '' && fields.data.paragraphs === '')
      return "field 'nth_paragraph' needs 'paragraphs', what separates them";
    return (answer) => englishScore(answer, query, fields.data);
  }
  const fields = chineseFields.safeParse(jqzl_prompt);
  if (!fields.success) return fieldProblem(fields.error);
  return (answer, released) => chineseScore(answer, fields.data, { released });
}

function fieldProblem(error: z.ZodError): string {
  const issue = error.issues[0]!;
  return `field '${issue.path.join('.')}': ${oneLine(issue.message)}`;
}

function fromJson(source: unknown): unknown {
  if (typeof source !== 'string' || !source.trimStart().startsWith('{')) return source;
  try {
    return JSON.parse(source);
  } catch {
    return source;
  }
}

function judged({ point, acc, credits }: DenseScore, value: 'dense' | 'point' | 'acc'): Verdict {
  const parts: { [name: string]: Verdict } = Object.create(null);
  parts.point = verdict(point);
  parts.acc = verdict(acc);
  for (const { name, ok, credit, reason } of credits) parts[name] = verdict(ok ? credit : 0, reason);
  const failed = credits.find(({ ok }) => !ok);
  const reason = failed ? `${failed.name}: ${failed.reason}` : `all ${credits.length} requirements hold`;
  return verdict(value === 'dense' ? point + acc : value === 'point' ? point : acc, reason, { parts });
}
