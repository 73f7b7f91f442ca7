import { z } from 'zod';
import { type Cause, causes } from '../../core/index.ts';
import { type FieldNames, type Fields, field } from '../../dataset/read/index.ts';

/** Raised with every change to what travels. */
const protocol = 2;

/** All keys in Redis begin with this. */
export const prefix = 'assay';

/** Workers and clients of one version share a queue: another version's jobs are never taken. */
export function queueName(version: string): string {
  return `score-${protocol}-${version}`;
}

const names = z.object({
  prompt: z.string().optional(),
  completion: z.string().optional(),
  answer: z.string().optional(),
  id: z.string().optional(),
  tokens: z.string().optional(),
});

/** Some rows of a file to score: what travels to a worker. */
export const chunkJob = z.object({
  /** The SPEC as it was given; a path in it is the worker's own. */
  spec: z.string(),
  seconds: z.number().optional(),
  memory: z.number().optional(),
  /** What the client's reward is, as messages name it, and the hash of all that its verdicts depend on. */
  reward: z.string(),
  identity: z.string(),
  file: z.string(),
  /** The fields that hold what; `named` are those that the caller chose. */
  fields: names.extend({ completion: z.string() }),
  named: names,
  /** The number of the first row, from 0, and where each row stands. */
  first: z.int().min(0),
  lines: z.array(z.int()).min(1),
  /** A JSON array of encoded rows. */
  rows: z.string(),
});
export type ChunkJob = z.output<typeof chunkJob>;

/** What a worker gives back. */
export interface ChunkResult {
  /** The lines of the output file. */
  readonly text: string;
  readonly rows: number;
  /** Of each sample in order: its value, or why there is no verdict. */
  readonly outcomes: readonly (number | Cause)[];
}

const chunkResult = z.object({
  text: z.string(),
  rows: z.int(),
  outcomes: z.array(z.union([z.number(), z.enum(causes)])),
});

/** A result from Redis, or undefined where it does not hold verdicts of that many rows. */
export function readResult(text: string, rows: number): ChunkResult | undefined {
  try {
    const result = chunkResult.parse(JSON.parse(text));
    return result.rows === rows ? result : undefined;
  } catch {
    return undefined;
  }
}

/** The fields as the reader of the file chose them. */
export function fieldsOf({ fields, named }: Pick<ChunkJob, 'fields' | 'named'>): Fields {
  const of = (name: string | undefined) => (name === undefined ? undefined : field(name));
  return {
    completion: field(fields.completion),
    prompt: of(fields.prompt),
    answer: of(fields.answer),
    id: of(fields.id),
    tokens: of(fields.tokens),
    named,
  };
}

/** The names of chosen fields. */
export function namesOf(fields: Fields): FieldNames & { completion: string } {
  const { completion, prompt, answer, id, tokens } = fields;
  return {
    completion: completion.name,
    prompt: prompt?.name,
    answer: answer?.name,
    id: id?.name,
    tokens: tokens?.name,
  };
}

/** How a job's failure begins that no other attempt would change: this worker cannot score for this client. */
export const refused = 'refused: ';
