import { z } from 'zod';
import { contentHash, defineReward, InputError, noVerdict, verdict } from '../../core/index.ts';
import { jsonIn, jsonPlaces } from '../../parse/index.ts';
import { candidateText } from '../candidate.ts';
import { compileSchema, type Schema } from './json-schema.ts';

/** Compiled schemas kept, the least recently used dropped first. */
const keptSchemas = 200;

/**
 * Is the completion JSON that its schema allows? The schema is the option's, or `task.data.schema`, or the task's answer;
 * without one, any JSON will do where `schema` is 'none'. The candidate's JSON is never repaired.
 */
export const json = defineReward({
  name: 'json',
  version: '1',
  summary: 'the completion is JSON that a JSON Schema allows',
  source: 'JSON Schema draft 2020-12 and draft-07; docthinker, btl-ui (schemaFormat)',
  options: z.object({
    schema: z
      .union([z.record(z.string(), z.unknown()), z.boolean(), z.literal('none')])
      .optional()
      .describe("the schema; task.data.schema or the task's answer when left out; 'none': any JSON"),
    from: z
      .enum(jsonPlaces)
      .default('any')
      .describe(
        'where the JSON is: the whole text, a fenced block, a tag, or the first of these that parses',
      ),
    tag: z.string().min(1).max(64).default('answer').describe("for 'tag': its name"),
    which: z.enum(['first', 'last']).default('last').describe('which of several blocks or values'),
    maxLength: z.int().positive().default(200_000).describe('longest completion in UTF-16 units'),
  }),
  examples: [
    {
      completion: '```json\n{"name": "Ada", "age": 36}\n```',
      options: {
        schema: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
          required: ['name', 'age'],
          additionalProperties: false,
        },
      },
      value: 1,
    },
    { completion: '{"n": "2"}', data: { schema: { properties: { n: { type: 'integer' } } } }, value: 0 },
    { completion: "{'n': 2}", options: { schema: 'none' }, value: 0 },
    { completion: '{}', data: { schema: { type: 'nothing' } }, value: null },
  ],
  create(options) {
    const own =
      options.schema === undefined || options.schema === 'none' ? undefined : compileSchema(options.schema);
    if (own?.problem !== undefined && !own.unsupported)
      throw new InputError(`reward 'json': option 'schema': ${own.problem}`);
    const compiled = new Map<string, Schema>();
    const schemaOf = (given: unknown): Schema => {
      const key = contentHash(JSON.stringify(given));
      const schema = compiled.get(key) ?? compileSchema(given);
      compiled.delete(key);
      compiled.set(key, schema);
      if (compiled.size > keptSchemas) compiled.delete(compiled.keys().next().value!);
      return schema;
    };
    return (sample, context) => {
      let schema = own;
      if (schema?.unsupported) return noVerdict('unsupported', schema.problem!);
      if (schema === undefined && options.schema !== 'none') {
        const { data, answer } = sample.task;
        const given = data?.schema ?? answer;
        if (given === undefined || given === null) return noVerdict('reference', 'the task has no schema');
        const parsed = typeof given === 'string' ? jsonIn(given, { from: 'whole' }) : { value: given };
        if ('problem' in parsed) return noVerdict('reference', `the task's schema: ${parsed.problem}`);
        schema = schemaOf(parsed.value);
        if (schema.problem !== undefined)
          return noVerdict(schema.unsupported ? 'unsupported' : 'reference', schema.problem);
      }
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      if (text.length > options.maxLength)
        return verdict(0, `the completion has ${text.length} characters, the limit is ${options.maxLength}`);
      const found = jsonIn(text, options);
      if (found.problem !== undefined) return verdict(0, found.problem);
      const at = { start: found.start, end: found.end };
      if (schema === undefined) return verdict(1, 'it is JSON', { at });
      if (schema.unique && pairs(found.value) > context.fuel)
        return verdict(0, 'its lists are too long to be compared item by item', { at });
      const wrong = schema.check!(found.value);
      return wrong === undefined
        ? verdict(1, 'it is JSON as the schema has it', { at })
        : verdict(0, wrong, { at });
    };
  },
});

/** How many pairs of items `uniqueItems` may have to compare, all lists together. */
function pairs(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  let sum = Array.isArray(value) ? (children.length * (children.length - 1)) / 2 : 0;
  for (const child of children) sum += pairs(child); // nesting is bounded by jsonIn
  return sum;
}
