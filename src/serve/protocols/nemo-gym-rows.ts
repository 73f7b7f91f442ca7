import { exactField, type Json, type Verdict, verdict } from '../../core/index.ts';
import { parseJson } from '../json-body.ts';
import type { ServedReward } from '../pool/protocol.ts';
import type { ScoreRequest } from '../scorer.ts';
import { type MessageBody, toPrompt } from './sample-body.ts';

export type Row = { readonly [key: string]: Json | undefined };

/** One kind of row: how it is scored, and what its reply says besides the reward. */
export interface RowKind {
  readonly name: string;
  /** The reward of the catalogue that scores it. */
  readonly reward: string | undefined;
  matches(row: Row): boolean;
  /** What to score, or the verdict where the response alone decides. */
  request(
    row: Row,
    output: readonly Row[],
  ): { readonly text: string; readonly answer?: Json; readonly data?: Row } | Verdict;
  /** The reward on the wire where it is not the verdict's value. */
  value?(row: Row, verdict: Verdict): number | null;
  extras(row: Row, verdict: Verdict): Row;
}

/** Most values in a schema or in the arguments of a call. */
const mostValues = 100_000;

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const rows = (value: Json | undefined): readonly Row[] => (Array.isArray(value) ? value.filter(isRow) : []);

/** The texts of all messages of the assistant, in order. */
function assistantTexts(output: readonly Row[]): string[] {
  return output
    .filter(({ type, role }) => type === 'message' && (role ?? 'assistant') === 'assistant')
    .flatMap(({ content }) =>
      typeof content === 'string'
        ? [content]
        : rows(content).flatMap(({ text }) => (typeof text === 'string' ? [text] : [])),
    );
}

const metadata = (row: Row): Row => (isRow(row.verifier_metadata) ? row.verifier_metadata : {});

/** resources_servers/instruction_following: the first text of the last output; one boolean an instruction. */
const instructionFollowing: RowKind = {
  name: 'instruction_following',
  reward: 'instructions',
  matches: (row) => 'instruction_id_list' in row || 'instruction_id_list' in metadata(row),
  request: (row, output) => {
    const content = output.at(-1)?.content;
    const text = rows(content)[0]?.text;
    const own = { ...row, ...metadata(row) };
    const { instruction_id_list, prompt } = own;
    // A row without parameters for an instruction writes null.
    const kwargs = Array.isArray(own.kwargs) ? own.kwargs.map((one) => withoutNulls(one)) : own.kwargs;
    return { text: typeof text === 'string' ? text : '', data: { instruction_id_list, kwargs, prompt } };
  },
  value: (row, { value, parts = {} }) => {
    if (value === null) return null;
    const mode = row.grading_mode ?? metadata(row).grading_mode ?? 'binary';
    const held = followed(parts);
    if (mode === 'fraction') return held.length > 0 ? held.filter(Boolean).length / held.length : 0;
    return held.every(Boolean) ? 1 : 0;
  },
  extras: (_row, { parts = {} }) => {
    const list = followed(parts);
    return { follow_all_instructions: list.every(Boolean), follow_instruction_list: list };
  },
};

const followed = (parts: NonNullable<Verdict['parts']>) =>
  Object.values(parts).map(({ value }) => value === 1);

function withoutNulls(kwargs: Json): Json {
  if (!isRow(kwargs)) return {};
  return Object.fromEntries(Object.entries(kwargs).filter(([, value]) => value !== null));
}

/** resources_servers/string_match: all texts of the assistant; the answer as it was read goes back. */
const stringMatching: RowKind = {
  name: 'string_match',
  reward: 'stringMatch',
  matches: (row) => 'expected_answer' in row && ('extraction_mode' in row || 'extracted_answer' in row),
  request: (row, output) => ({
    text: assistantTexts(output).join('\n').trim(),
    answer: exactField(row, 'expected_answer'),
    data: { extraction_mode: row.extraction_mode, case_sensitive: row.case_sensitive },
  }),
  extras: (_row, { answer }) => ({ extracted_answer: answer ?? null }),
};

/** resources_servers/structured_outputs with JSON: the text, or the one tool call's arguments, by the strict schema. */
const structuredOutputs: RowKind = {
  name: 'structured_outputs',
  reward: 'json',
  matches: (row) => typeof row.schema_str === 'string',
  request: (row, output) => {
    if ((row.schema_type ?? 'json') !== 'json')
      return {
        value: null,
        cause: 'unsupported',
        reason: `structured outputs in ${String(row.schema_type).slice(0, 20)} are not supported`,
      };
    let schema: Json;
    try {
      schema = strict(parseJson(row.schema_str as string, mostValues) as Json);
    } catch {
      return { value: null, cause: 'reference', reason: "the row's schema_str is not JSON" };
    }
    const data = { schema };
    if (row.response_mode !== 'tool_call') return { text: assistantTexts(output).join(''), data };
    const payload = toolPayload(row, output);
    return 'value' in payload ? { text: JSON.stringify(payload.value), data } : verdict(0, payload.fault);
  },
  extras: (_row, { value, reason }) => ({
    error_type: value === 0 ? 'validation_error' : null,
    error_message: value === 0 ? (reason ?? null) : null,
  }),
};

/** The payload of the one tool call that is asked for, or what is wrong with the calls. */
function toolPayload(
  row: Row,
  output: readonly Row[],
): { readonly value: Json } | { readonly fault: string } {
  const calls = output.filter(({ type }) => type === 'function_call');
  if (calls.length !== 1) return { fault: `${calls.length} tool calls where one was asked for` };
  const [call] = calls;
  if (typeof row.tool_name === 'string' && call!.name !== row.tool_name)
    return { fault: `the call is not of '${row.tool_name}'` };
  let payload: Json | undefined = call!.arguments;
  try {
    if (typeof payload === 'string') payload = parseJson(payload, mostValues) as Json;
  } catch {
    return { fault: "the call's arguments are not JSON" };
  }
  if (typeof row.tool_payload_key === 'string' && row.tool_payload_key !== '')
    payload =
      isRow(payload) && Object.hasOwn(payload, row.tool_payload_key)
        ? payload[row.tool_payload_key]
        : undefined;
  return payload === undefined ? { fault: "the call's arguments lack the payload" } : { value: payload };
}

/** Every object with properties requires all of them and allows no others. Depth is limited by `parseJson`. */
function strict(schema: Json): Json {
  if (!isRow(schema)) return schema;
  const walked: Record<string, Json | undefined> = Object.create(null);
  for (const [key, value] of Object.entries(schema))
    walked[key] = value === undefined ? value : strict(value);
  if (isRow(schema.properties)) {
    walked.required = Object.keys(schema.properties);
    walked.additionalProperties = false;
  }
  return walked;
}

/** The usual names of a reference, in the row or else in its `verifier_metadata`. */
const references = ['expected_answer', 'ground_truth', 'answer', 'label'];

/** Any other row: the default reward, with the reference under one of its usual names. */
const anyRow: RowKind = {
  name: 'any',
  reward: undefined,
  matches: () => true,
  request: (row, output) => {
    const beside = metadata(row);
    const answer = references
      .map((name) => exactField(name in row ? row : beside, name))
      .find((one) => one !== undefined && one !== null);
    const { response: _response, responses_create_params: _params, ...data } = row;
    return { text: assistantTexts(output).join('\n').trim(), answer, data };
  },
  extras: (_row, { answer }) => (answer === undefined ? {} : { extracted_answer: answer }),
};

const kinds = [instructionFollowing, stringMatching, structuredOutputs, anyRow];

/** A row of a kind, ready to score; or its verdict already. */
export function readRow(
  row: Row,
  served: { readonly [name: string]: ServedReward },
): { readonly kind: RowKind; readonly request?: ScoreRequest; readonly verdict?: Verdict } {
  const kind = kinds.find((one) => one.matches(row))!;
  const response = isRow(row.response) ? row.response : {};
  const read = kind.request(row, rows(response.output));
  if (!('text' in read)) return { kind, verdict: read };
  const { text, answer, data } = read;
  const reward =
    kind.reward === undefined
      ? undefined
      : Object.keys(served).find((name) => served[name]!.name === kind.reward);
  if (kind.reward !== undefined && reward === undefined) {
    const reason = `rows of ${kind.name} need the reward '${kind.reward}', which is not served`;
    return { kind, verdict: { value: null, cause: 'unsupported', reason } };
  }
  const params = isRow(row.responses_create_params) ? row.responses_create_params : {};
  const prompt = typeof params.input === 'string' ? params.input : toPrompt(messagesOf(params.input));
  const { _ng_task_index: index, _ng_rollout_index: rollout } = row;
  const task = {
    ...(isIndex(index) && { id: String(index) }),
    prompt,
    answer: answer ?? undefined,
    data,
  };
  const id = isIndex(index) && isIndex(rollout) ? `${index}:${rollout}` : undefined;
  const sample = { ...(id !== undefined && { id }), task, turns: [{ completion: text }] };
  return { kind, request: { sample, reward } };
}

const isIndex = (value: Json | undefined) => typeof value === 'number' || typeof value === 'string';

function messagesOf(input: Json | undefined): MessageBody[] {
  return rows(input)
    .filter(({ role }) => typeof role === 'string')
    .map(({ role, content }) => ({
      role: role as string,
      content:
        typeof content === 'string'
          ? content
          : rows(content).map(({ text }) => ({ type: 'text', text: typeof text === 'string' ? text : '' })),
    }));
}
