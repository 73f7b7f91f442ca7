import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { causes, oneLine, toWire, type Verdict, type WireVerdict } from '../../core/index.ts';
import { parseJson } from '../json-body.ts';
import type { ServeOptions } from '../options.ts';
import { parseBody, Refused } from '../routes.ts';
import { Overloaded, type ScoreRequest, type Scorer } from '../scorer.ts';
import { readLines } from './lines.ts';
import type { Protocol } from './protocol.ts';
import { sampleBody, toRequest } from './sample-body.ts';

/** A verdict on the wire: `reward` null is no verdict, and `cause` says why. Offsets of spans are code points. */
export const wireVerdict = z.looseObject({
  id: z.string().optional(),
  reward: z.number().nullable(),
  cause: z.enum(causes).optional(),
  reason: z.string().optional(),
  parts: z.record(z.string(), z.unknown()).optional(),
  spans: z.array(z.unknown()).optional(),
  answer: z.string().optional(),
  confidence: z.number().optional(),
});

/** Samples of a stream that are scored at once; more are read only when these are done. */
const window = 256;

/**
 * The native protocol: `POST /v1/score` with one sample, `{ samples }`, or NDJSON in and out; `GET /v1/rewards`. No
 * verdict is `reward: null` with its cause; a record that names an unknown reward gets one (`unsupported`) for itself.
 */
export const nativeProtocol: Protocol = ({ router, scorer, options }) => {
  const batch = z.object({ samples: z.array(sampleBody).max(options.batch) });
  router.add({
    method: 'POST',
    url: '/v1/score',
    tag: 'native',
    summary: 'Score one sample, { samples: [...] }, or NDJSON with one sample a line',
    consumes: ['application/json', 'application/x-ndjson'],
    body: z.unknown(),
    reply: z.union([wireVerdict, z.object({ verdicts: z.array(wireVerdict) })]),
    handle: async (body, _request, reply) => {
      if (body instanceof Readable) return streamed(body, scorer, options, reply);
      const signal = abandoned(reply);
      if (typeof body === 'object' && body !== null && 'samples' in body) {
        const { samples } = parseBody(batch, body);
        const requests = samples.map((sample) => toRequest(sample));
        const verdicts = await scorer.score(requests, signal);
        return { verdicts: verdicts.map((verdict, i) => onWire(requests[i]!, verdict, samples[i]!.id)) };
      }
      const sample = parseBody(sampleBody, body);
      const one = toRequest(sample);
      const [verdict] = await scorer.score([one], signal);
      return onWire(one, verdict!, sample.id);
    },
  });
  router.add({
    method: 'GET',
    url: '/v1/rewards',
    tag: 'native',
    summary: 'The rewards that are served, with versions and options',
    reply: z.object({
      default: z.string().nullable(),
      rewards: z.array(z.looseObject({ name: z.string() })),
    }),
    handle: () => ({
      default: scorer.default ?? null,
      rewards: Object.entries(scorer.rewards).map(([name, about]) => ({
        ...about,
        name,
        reward: about.name,
      })),
    }),
  });
};

/** The wire form of a verdict, with the sample's id where it brought one. */
export function onWire(
  { sample }: ScoreRequest,
  verdict: Verdict,
  id?: string,
): WireVerdict & { readonly id?: string } {
  const texts = verdict.spans || verdict.parts ? sample.turns.map(({ completion }) => completion) : [];
  const wire = toWire(verdict, texts);
  return id === undefined ? wire : { id, ...wire };
}

/** Aborts when the caller is gone before its answer: what still waits is then not scored. */
export function abandoned(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

/** Lines in, lines out, in order, a window at a time; a line that cannot be read gets an error in its place. */
function streamed(body: Readable, scorer: Scorer, options: ServeOptions, reply: FastifyReply): FastifyReply {
  if (!scorer.hasRoom(1)) throw new Overloaded(1);
  const signal = abandoned(reply);
  async function* replies(): AsyncGenerator<string> {
    let count = 0;
    for await (const lines of readLines(body, options.body, Math.min(window, options.queue))) {
      if (signal.aborted) return;
      yield await scoreLines(lines, count, scorer, options.values, signal);
      count += lines.length;
    }
  }
  return reply.type('application/x-ndjson').send(Readable.from(replies()));
}

async function scoreLines(
  lines: readonly string[],
  before: number,
  scorer: Scorer,
  values: number,
  signal: AbortSignal,
): Promise<string> {
  const read = lines.map((line) => {
    try {
      if (line === '') throw new Refused(413, 'the line is too long');
      const sample = parseBody(sampleBody, parseJson(line, values));
      return { id: sample.id, request: toRequest(sample) };
    } catch (thrown) {
      return { error: oneLine(thrown) };
    }
  });
  const requests = read.flatMap(({ request }) => request ?? []);
  const verdicts = await patiently(scorer, requests, signal);
  let at = 0;
  return read
    .map(({ id, request, error }, i) =>
      JSON.stringify(request ? onWire(request, verdicts[at++]!, id) : { record: before + i, error }),
    )
    .join('\n')
    .concat('\n');
}

/** A stream that was admitted waits for room; it holds no more than its window meanwhile. */
async function patiently(
  scorer: Scorer,
  requests: readonly ScoreRequest[],
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  for (;;) {
    if (scorer.hasRoom(requests.length)) return scorer.score(requests, signal);
    if (signal.aborted || scorer.closed) throw new Overloaded(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
