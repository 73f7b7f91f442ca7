import { z } from 'zod';
import { defineReward } from '../../core/registry.ts';
import { finalText } from '../../core/sample.ts';
import { noVerdict, type Verdict, verdict } from '../../core/verdict.ts';
import type { Constraint } from './constraint.ts';
import { check, type Prepared, prepare, variantsOf } from './evaluate.ts';
import { type InstructionRow, readInstructions } from './rows.ts';

const ownConstraint = z.custom<Constraint>(
  (value) =>
    typeof value === 'object' && value !== null && typeof (value as { check?: unknown }).check === 'function',
  'must be a value of constraint()',
);

/**
 * Verifiable instructions: each constraint of the row is a part `<index>:<id>`, 1 or 0 with its reason. One that is not
 * known, or whose parameters are not in order, is no verdict (`unsupported`) of its part and of the whole.
 */
export const instructions = defineReward({
  name: 'instructions',
  version: '1',
  summary:
    'Checks the verifiable instructions of IFEval and IFBench, and your own: all, a fraction, or weighted',
  source:
    'Zhou et al. 2023 (google-research instruction_following_eval); Pyatkin et al. 2025 (allenai/IFBench 0.2.0)',
  options: z.object({
    value: z
      .enum(['all', 'fraction', 'weighted'])
      .default('all')
      .describe('1 only if all hold | the share that holds | the share by weight'),
    mode: z
      .enum(['strict', 'loose'])
      .default('strict')
      .describe('the text as it is | also without its first or last line and asterisks'),
    weights: z
      .record(z.string(), z.number().min(0))
      .default({})
      .describe('for weighted, where the row brings none: id → weight, 1 for others'),
    after: z
      .string()
      .min(1)
      .optional()
      .describe('only the text after the last occurrence of this is checked, such as </think>; without it 0'),
    constraints: z.array(ownConstraint).default([]).describe('your own, made with constraint()'),
  }),
  examples: [
    {
      prompt: 'Write a haiku about rain in all lower case without commas.',
      completion: 'the rain in the night\nfalls on the old wooden roof\nand i am awake',
      data: {
        instruction_id_list: ['punctuation:no_comma', 'change_case:english_lowercase'],
        kwargs: [{}, {}],
      },
      value: 1,
    },
    {
      completion: 'Rain, rain.',
      data: {
        instruction_id_list: ['punctuation:no_comma', 'length_constraints:number_words'],
        kwargs: [{}, { num_words: 2, relation: 'at least' }],
      },
      options: { value: 'fraction' },
      value: 0.5,
    },
    {
      completion: 'Rain.',
      data: { instruction_id_list: ['length_constraints:number_words'], kwargs: [{ num_words: 2 }] },
      value: null,
    },
  ],
  create: ({ value, mode, weights, after, constraints }) => {
    const own = new Map(constraints.map((one) => [one.id, one]));
    return (sample, context) => {
      const row = readInstructions(sample.task);
      if (row === undefined)
        return noVerdict('reference', 'the row has no instructions (instruction_id_list and kwargs)');
      if (typeof row === 'string') return noVerdict('reference', `the row's instructions: ${row}`);
      if (row.instructions.length === 0)
        return noVerdict('reference', "the row's list of instructions is empty");
      const prepared = row.instructions.map((instruction) => prepare(instruction, own));
      const parts = namedParts(prepared, answerText(finalText(sample), after, context.fuel), mode);
      const unsupported = Object.values(parts).find((part) => part.value === null);
      if (unsupported) return noVerdict('unsupported', unsupported.reason ?? '', { parts });
      return combined(row, prepared, parts, value, weights);
    };
  },
});

/** The text to check, or why all parts are 0. */
function answerText(
  text: string,
  after: string | undefined,
  limit: number,
): { text: string } | { fault: string } {
  if (text.length > limit)
    return { fault: `the completion has ${text.length} characters, the limit is ${limit}` };
  if (after === undefined) return { text };
  const at = text.lastIndexOf(after);
  return at < 0
    ? { fault: `the completion has no ${after}` }
    : { text: text.slice(at + after.length).trim() };
}

function namedParts(
  prepared: readonly Prepared[],
  answer: { text: string } | { fault: string },
  mode: 'strict' | 'loose',
): { [name: string]: Verdict } {
  const variants = 'text' in answer ? variantsOf(answer.text, mode) : [];
  const parts: { [name: string]: Verdict } = Object.create(null);
  for (const [i, one] of prepared.entries())
    parts[`${i}:${one.id}`] =
      'fault' in answer && 'constraint' in one ? verdict(0, answer.fault) : check(one, variants);
  return parts;
}

function combined(
  row: InstructionRow,
  prepared: readonly Prepared[],
  parts: { [name: string]: Verdict },
  value: 'all' | 'fraction' | 'weighted',
  weights: { readonly [id: string]: number },
): Verdict {
  const held = Object.values(parts).map((part) => part.value!);
  const holding = held.filter((one) => one === 1).length;
  const failed = Object.values(parts).find((part) => part.value === 0);
  const reason =
    failed === undefined
      ? `all ${held.length} instruction${held.length === 1 ? ' holds' : 's hold'}`
      : `${holding} of ${held.length} instructions hold: ${failed.reason}`;
  if (value === 'all') return verdict(holding === held.length ? 1 : 0, reason, { parts });
  if (value === 'fraction') return verdict(holding / held.length, reason, { parts });
  const scale = prepared.map(
    ({ id }, i) => row.weights?.[i] ?? weights[id] ?? weights[id.replace(/^en:/, '')] ?? 1,
  );
  const total = scale.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return noVerdict('reference', 'the weights of the instructions sum to 0', { parts });
  return verdict(held.reduce((sum, one, i) => sum + one * scale[i]!, 0) / total, reason, { parts });
}
