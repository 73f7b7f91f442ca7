import { z } from 'zod';
import {
  callReward,
  finalText,
  InputError,
  noVerdict,
  type Reward,
  type RewardContext,
  type Sample,
  textSample,
  UnsupportedError,
  type Verdict,
  verdict,
} from '../../core/index.ts';
import { bleu, gleu, indelRatio, rouge } from '../../verify/text/index.ts';
import { readExpression } from './expression.ts';
import { readTemplate, type Template } from './template.ts';

const name = z.string().min(1).max(200);
const stringCheck = z.strictObject({
  type: z.literal('string_check'),
  name,
  input: z.string(),
  reference: z.string(),
  operation: z.enum(['eq', 'ne', 'like', 'ilike']),
});
const textSimilarity = z.strictObject({
  type: z.literal('text_similarity'),
  name,
  input: z.string(),
  reference: z.string(),
  evaluation_metric: z.enum([
    'cosine',
    'fuzzy_match',
    'bleu',
    'gleu',
    'meteor',
    'rouge_1',
    'rouge_2',
    'rouge_3',
    'rouge_4',
    'rouge_5',
    'rouge_l',
  ]),
  /** Of the definitions that Evals stores, which pass or fail a row: from this score on it passes. */
  pass_threshold: z.number().optional(),
});
const multi = z.strictObject({
  type: z.literal('multi'),
  name,
  graders: z.record(z.string(), z.unknown()),
  calculate_output: z.string(),
});

/** The `type` of each grader of OpenAI's reinforcement fine-tuning and evals. */
export const graderTypes = [
  'string_check',
  'text_similarity',
  'score_model',
  'label_model',
  'python',
  'multi',
  'endpoint',
] as const;

type Check = (sample: Sample<unknown>, context: RewardContext) => Verdict;

/**
 * An OpenAI grader's JSON as a reward. `like` is contains, `ilike` contains without regard to case; `fuzzy_match` is the
 * indel ratio (rapidfuzz's `fuzz.ratio`). A grader that needs a model or runs code is UnsupportedError, as are the
 * metrics cosine, meteor and rouge_3 to rouge_5. With the `pass_threshold` of Evals' stored definitions, text_similarity is
 * 1 or 0, and its score is the part `similarity`. A field of the record that a template names and that is not there is no
 * verdict (`reference`). Throws InputError for what is no grader.
 */
export function graderReward(json: unknown): Reward {
  const check = build(json, 0);
  const { name } = json as { name: string };
  return {
    name,
    version: '1',
    options: { grader: json },
    scope: 'sample',
    minimum: 0,
    score: (samples, context) => samples.map((sample) => check(sample, context)),
  };
}

function build(json: unknown, depth: number): Check {
  if (depth > 8) throw new InputError('graders nest over 8 deep');
  const { type } = (json ?? {}) as { type?: unknown };
  switch (type) {
    case 'string_check':
      return checkStrings(parse(stringCheck, json));
    case 'text_similarity':
      return checkSimilarity(parse(textSimilarity, json));
    case 'multi':
      return checkMulti(parse(multi, json), depth);
    case 'score_model':
    case 'label_model':
      throw new UnsupportedError(`OpenAI graders of type '${type}' ask a model, which is not supported yet`);
    case 'python':
    case 'endpoint':
      throw new UnsupportedError(`OpenAI graders of type '${type}' run foreign code, which is not supported`);
    default:
      throw new InputError(`a grader's type is one of ${graderTypes.join(', ')}`);
  }
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new InputError(
    `the grader: ${path.length > 0 ? `field '${path.map(String).join('.')}': ` : ''}${message}`,
  );
}

/** Fills both templates; what is missing is already the verdict. */
function filled(
  input: Template,
  reference: Template,
  sample: Sample<unknown>,
  context: RewardContext,
): { readonly ours: string; readonly theirs: string } | Verdict {
  if (finalText(sample).length > context.fuel)
    return verdict(0, `the completion is over the limit of ${context.fuel} characters`);
  const [ours, theirs] = [input(sample), reference(sample)];
  for (const one of [ours, theirs])
    if ('missing' in one)
      return one.blame === 'reference' ? noVerdict('reference', one.missing) : verdict(0, one.missing);
  return { ours: (ours as { text: string }).text, theirs: (theirs as { text: string }).text };
}

function checkStrings(grader: z.output<typeof stringCheck>): Check {
  const [input, reference] = [readTemplate(grader.input), readTemplate(grader.reference)];
  return (sample, context) => {
    const both = filled(input, reference, sample, context);
    if ('value' in both) return both;
    const { ours, theirs } = both;
    switch (grader.operation) {
      case 'eq':
        return verdict(ours === theirs ? 1 : 0, ours === theirs ? 'equal' : 'not equal');
      case 'ne':
        return verdict(ours === theirs ? 0 : 1, ours === theirs ? 'equal' : 'not equal');
      case 'like':
        return contains(ours, theirs);
      case 'ilike':
        return contains(ours.toLowerCase(), theirs.toLowerCase());
    }
  };
}

function contains(text: string, part: string): Verdict {
  return text.includes(part)
    ? verdict(1, 'the reference is in it')
    : verdict(0, 'the reference is not in it');
}

function metricReward(metric: z.output<typeof textSimilarity>['evaluation_metric']): Reward {
  switch (metric) {
    case 'fuzzy_match':
      return indelRatio();
    case 'bleu':
      return bleu();
    case 'gleu':
      return gleu();
    case 'rouge_1':
      return rouge({ type: '1' });
    case 'rouge_2':
      return rouge({ type: '2' });
    case 'rouge_l':
      return rouge({ type: 'L' });
    default:
      throw new UnsupportedError(`the metric '${metric}' of text_similarity is not supported`);
  }
}

function checkSimilarity(grader: z.output<typeof textSimilarity>): Check {
  const [input, reference] = [readTemplate(grader.input), readTemplate(grader.reference)];
  const reward = metricReward(grader.evaluation_metric);
  const threshold = grader.pass_threshold;
  return (sample, context) => {
    const both = filled(input, reference, sample, context);
    if ('value' in both) return both;
    const task = { id: '', prompt: '', answer: both.theirs };
    const scored = callReward(reward, [textSample(task, both.ours)], context) as readonly Verdict[];
    // Offsets would be of the filled template, not of the completion.
    const { at: _at, spans: _spans, reward: _reward, version: _version, ...kept } = scored[0]!;
    if (threshold === undefined || kept.value === null) return kept;
    const passes = kept.value >= threshold;
    return verdict(passes ? 1 : 0, `${kept.value} is ${passes ? 'not ' : ''}below ${threshold}`, {
      parts: { similarity: kept },
    });
  };
}

function checkMulti({ graders, calculate_output }: z.output<typeof multi>, depth: number): Check {
  // The guide has a map of graders; the official SDK's type is a single one, known by its own name.
  const single = typeof graders.type === 'string';
  const entries = single
    ? [[String(graders.name), build(graders, depth + 1)] as const]
    : Object.entries(graders).map(([key, grader]) => [key, build(grader, depth + 1)] as const);
  if (entries.length === 0) throw new InputError('a multi grader needs at least one grader');
  const expression = readExpression(calculate_output);
  const names = entries.map(([key]) => key);
  for (const used of expression.names)
    if (!names.includes(used))
      throw new InputError(`calculate_output: there is no grader '${used}' (${names.join(', ')})`);
  return (sample, context) => {
    const parts = Object.fromEntries(entries.map(([key, check]) => [key, check(sample, context)] as const));
    const open = Object.entries(parts).find(([, part]) => part.value === null);
    if (open) {
      const [key, { cause = 'crash', reason = '' }] = open;
      return noVerdict(cause, `${key}: ${reason}`, { parts });
    }
    const values = Object.fromEntries(
      Object.entries(parts).map(([key, { value }]) => [key, value!] as const),
    );
    const value = expression.evaluate(values);
    return Number.isFinite(value)
      ? verdict(value, undefined, { parts })
      : noVerdict('crash', `calculate_output came to ${value}`, { parts });
  };
}
