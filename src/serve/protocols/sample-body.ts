import { z } from 'zod';
import { exactFields, type Json, type Message } from '../../core/index.ts';
import type { PlainSample, PlainTurn } from '../pool/protocol.ts';
import type { ScoreRequest } from '../scorer.ts';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
export const messageBody = z.looseObject({
  role: z.string().max(40),
  content: z.union([z.string(), z.array(part), z.null()]).optional(),
});
export type MessageBody = z.output<typeof messageBody>;

const prompt = z.union([z.string(), z.array(messageBody)]);
const id = z.union([z.string(), z.number()]).transform(String);

const count = z.int().min(0);

/** Any JSON. A body was read as JSON, so there is nothing to find out; walking it would take longer than all else. */
export const jsonBody = z.custom<Json>(() => true);
/** An object some of whose fields are a reference or an id: digits that a double cannot hold are kept (see `exactField`). */
export function exactly<Schema extends z.ZodType>(keys: readonly string[], schema: Schema) {
  return z.preprocess((value) => exactFields(value, keys), schema);
}

const fieldsBody = z
  .custom<{ readonly [key: string]: Json }>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  )
  .meta({ type: 'object' });

const plainSampleBody = z
  .looseObject({
    id: id.optional(),
    prompt: prompt.default(''),
    completion: z
      .union([z.string(), z.array(messageBody)])
      .optional()
      .describe('text, or messages of which the last of the assistant counts'),
    turns: z
      .array(
        z.object({
          context: prompt.optional(),
          completion: z.string(),
          completion_tokens: count.optional(),
          observation: z.string().optional(),
        }),
      )
      .min(1)
      .max(1024)
      .optional()
      .describe('instead of a completion: several turns, in order'),
    completion_tokens: count
      .nullish()
      .describe('how many tokens the completion is, for rewards that look at its length'),
    answer: jsonBody.optional().describe('the reference, in the form that the reward reads'),
    reward: z.string().nullish().describe('the name of a served reward; the default when left out'),
    domain: z.string().nullish(),
    difficulty: z.number().nullish(),
    data: fieldsBody.nullish(),
    group: z
      .union([z.string(), exactly(['id'], z.object({ id, size: z.int().min(1).max(4096) }))])
      .nullish()
      .describe('for rewards of group scope: { id, size }, or an id with `size` beside it'),
    size: z.int().min(1).max(4096).nullish(),
  })
  .refine((body) => body.completion !== undefined || body.turns !== undefined, {
    path: ['completion'],
    message: 'expected a completion, or turns',
  })
  .refine(({ completion }) => !Array.isArray(completion) || completion.some(isAssistants), {
    path: ['completion'],
    message: 'expected a message of the assistant among them',
  });
/** One sample of the native protocol; fields that are not listed belong to the task's `data`. */
export const sampleBody = exactly(['id', 'answer'], plainSampleBody);
export type SampleBody = z.output<typeof sampleBody>;

/** A body as a request to the scorer. */
export function toRequest(body: SampleBody): ScoreRequest {
  const {
    id,
    prompt,
    completion,
    turns,
    completion_tokens: tokens,
    answer,
    reward,
    domain,
    difficulty,
    data,
    group,
    size,
    ...columns
  } = body;
  const extra = columns as { readonly [key: string]: Json };
  const merged = data ? { ...extra, ...data } : extra;
  const sample: PlainSample = {
    ...(id !== undefined && { id }),
    task: {
      ...(id !== undefined && { id }),
      prompt: toPrompt(prompt),
      ...(answer !== undefined && { answer }),
      ...(domain != null && { domain }),
      ...(difficulty != null && { difficulty }),
      ...(Object.keys(merged).length > 0 && { data: merged }),
    },
    turns: turns
      ? turns.map(toTurn)
      : [toTurn({ completion: completionText(completion!), completion_tokens: tokens ?? undefined })],
  };
  return { sample, reward: reward ?? undefined, group: groupOf(group, size) };
}

function groupOf(group: SampleBody['group'], size: SampleBody['size']): ScoreRequest['group'] {
  if (typeof group === 'object' && group !== null) return group;
  return typeof group === 'string' && size != null ? { id: group, size } : undefined;
}

function toTurn(turn: NonNullable<SampleBody['turns']>[number]): PlainTurn {
  const { context, completion, completion_tokens: tokens, observation } = turn;
  return {
    completion,
    ...(tokens !== undefined && { tokens }),
    ...(context !== undefined && { context: toPrompt(context) }),
    ...(observation !== undefined && { observation }),
  };
}

/** A conversation in the core's form: text parts only, unknown roles are the user's. */
export function toPrompt(prompt: string | readonly MessageBody[]): string | readonly Message[] {
  if (typeof prompt === 'string') return prompt;
  return prompt.map((message) => ({ role: roleOf(message.role), content: contentText(message) }));
}

function roleOf(role: string): Message['role'] {
  if (role === 'developer') return 'system';
  return role === 'system' || role === 'assistant' || role === 'tool' ? role : 'user';
}

export function contentText({ content }: Pick<MessageBody, 'content'>): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((one) => one.text ?? '').join('');
}

const isAssistants = ({ role }: MessageBody) => role === 'assistant';

/** The text that is scored: of messages, what the assistant said last. */
export function completionText(completion: string | readonly MessageBody[]): string {
  if (typeof completion === 'string') return completion;
  const said = completion.findLast(isAssistants);
  return said === undefined ? '' : contentText(said);
}
