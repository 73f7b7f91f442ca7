import {
  type Capabilities,
  type Engine,
  type Pass,
  type PassGradients,
  requireSampling,
  type Sequence,
} from '../../core/engine.ts';
import { InputError, UnsupportedError } from '../../core/errors.ts';
import type { Completion } from '../../core/sample.ts';
import type { Prompt } from '../../core/task.ts';
import { renderPrompt } from '../prompt.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { SampledTokens, SampleJob } from './decoding.ts';
import { type EncodedSequence, forwardShards, planShards, type ShardPlan } from './plan.ts';
import { completionOf, jobParams } from './sampling.ts';
import type { Team } from './team.ts';
import type { Weights } from './weights.ts';

/** What an engine and its snapshots have in common. */
export interface Shared {
  readonly name: string;
  readonly version: string;
  readonly options: unknown;
  readonly team: Team;
  readonly tokenizer: Tokenizer;
  /** Engines that still use the team; it is closed with the last. */
  users: number;
  passes: number;
}

/** Frees the tapes of passes that nobody holds any more and that were neither taken backward nor released. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

/** An engine over some weights. A frozen one samples and goes forward only. */
export function transformerEngine(shared: Shared, weights: Weights, frozen: boolean): Engine {
  const { team, tokenizer, name } = shared;
  const { shape } = team.layout;
  const speaks = shape.head !== 'scalar';
  const capabilities: Capabilities = {
    logprobs: speaks,
    entropies: speaks,
    values: shape.head !== 'language',
    offsets: true,
    train: !frozen,
    sampling: speaks ? ['topK', 'topP', 'stop', 'prefill', 'trie', 'candidates'] : [],
  };
  let closed = false;
  shared.users++;

  function alive(): void {
    if (closed) throw new Error(`engine '${name}' is closed`);
  }

  function trainable(): void {
    alive();
    if (frozen) throw new UnsupportedError(`this '${name}' engine is a frozen copy; it cannot be trained`);
  }

  /** The tokens of contexts, one array for all that read the same. The end token stands for an empty context. */
  function encodeContexts(contexts: readonly Prompt[]): Int32Array[] {
    const known = new Map<string, Int32Array>();
    return contexts.map((context) => {
      const text = renderPrompt(context, name);
      let tokens = known.get(text);
      if (!tokens) {
        tokens = tokenizer.encode(text);
        if (tokens.length === 0) tokens = Int32Array.of(tokenizer.end);
        known.set(text, tokens);
      }
      return tokens;
    });
  }

  function encodeSequences(sequences: readonly Sequence[]): EncodedSequence[] {
    const contexts = encodeContexts(sequences.map(({ context }) => context));
    return sequences.map(({ tokens }, i) => {
      const context = contexts[i]!;
      const rows = context.length + tokens.length - 1;
      if (rows > shape.context)
        throw new InputError(
          `sequence ${i} has a context of ${context.length} tokens and a completion of ${tokens.length}; engine '${name}' has room for ${shape.context + 1} together`,
        );
      const wrong = tokens.find((token) => !(token >= 0 && token < tokenizer.size));
      if (wrong !== undefined)
        throw new InputError(
          `sequence ${i} has the token ${wrong}; engine '${name}' has 0 to ${tokenizer.size - 1}`,
        );
      return { context, tokens };
    });
  }

  /** Runs one command a lane that has any shard, each lane its own shards. */
  async function onLanes<Shard extends { readonly shard: number }, Reply>(
    shards: readonly Shard[],
    run: (lane: number, shards: readonly Shard[]) => Promise<Reply>,
  ): Promise<{ shards: readonly Shard[]; reply: Reply }[]> {
    const dealt = Array.from({ length: team.lanes }, (_, lane) =>
      shards.filter(({ shard }) => shard % team.lanes === lane),
    );
    // Workers first: the caller's own lane computes while it is asked.
    const asked = dealt
      .map((some, lane) => ({ some, lane }))
      .filter(({ some }) => some.length > 0)
      .reverse()
      .map(async ({ some, lane }) => ({ shards: some, reply: await run(lane, some) }));
    return together(asked);
  }

  const engine: Engine = {
    name,
    version: shared.version,
    options: shared.options,
    capabilities,
    parameters: team.layout.count,

    async sample(requests, params): Promise<Completion[]> {
      alive();
      requireSampling(engine, params);
      if (!speaks) throw new UnsupportedError(`engine '${name}' has only a scalar head; it cannot sample`);
      const job = jobParams(params, tokenizer);
      const prefill = tokenizer.encode(params.prefill ?? '');
      const encoded = encodeContexts(requests.map(({ context }) => context));
      for (const [i, context] of encoded.entries())
        if (context.length + prefill.length + params.maxTokens - 1 > shape.context)
          throw new InputError(
            `request ${i} has a context of ${context.length} tokens${prefill.length > 0 ? `, a prefill of ${prefill.length}` : ''} and maxTokens ${params.maxTokens}; engine '${name}' has room for ${shape.context + 1} together`,
          );
      const jobs = dealRequests(
        encoded,
        requests.map(({ seed }) => seed),
        prefill,
        team.lanes,
      );
      const sampled = new Array<SampledTokens>(requests.length);
      const stop = () => team.abort(true);
      await team.exclusive(async () => {
        team.abort(params.signal?.aborted === true);
        params.signal?.addEventListener('abort', stop, { once: true });
        try {
          const places = weights.places();
          const asked = jobs.map(async ({ lane, order, ...rest }) => {
            const results = await team.run(lane, { do: 'sample', places, job: { ...job, ...rest } });
            for (const [j, result] of results.entries()) sampled[order[j]!] = result;
          });
          await together(asked);
        } finally {
          params.signal?.removeEventListener('abort', stop);
        }
      });
      return sampled.map((one) => completionOf(one, prefill, tokenizer, params.stop));
    },

    async forward(sequences, options = {}): Promise<Pass> {
      alive();
      const { temperature = 1, entropies = false, values = false, tape = true } = options;
      if (!(temperature > 0 && temperature < Infinity))
        throw new InputError(`forward: temperature is ${temperature}; it must be above 0`);
      if (values && !capabilities.values)
        throw new UnsupportedError(`engine '${name}' has no scalar head (option head: 'both' or 'scalar')`);
      if (entropies && !speaks)
        throw new UnsupportedError(`engine '${name}' has only a scalar head; it has no entropies`);
      const encoded = encodeSequences(sequences);
      const starts = new Int32Array(sequences.length + 1);
      for (const [i, { tokens }] of encoded.entries()) starts[i + 1] = starts[i]! + tokens.length;
      const total = starts[sequences.length]!;
      const pass = ++shared.passes;
      const plans = planShards(encoded, shape.heads, tape ? undefined : forwardShards(encoded));
      const lengths = encoded.map(({ tokens }) => tokens.length);
      const flat = {
        logprobs: new Float64Array(total),
        entropies: entropies ? new Float64Array(total) : undefined,
        values: values ? new Float64Array(total) : undefined,
      };
      await team.exclusive(async () => {
        const places = weights.places();
        const modelOptions = { temperature, entropies, values, tape };
        const replies = await onLanes(plans, (lane, some) =>
          team.run(lane, { do: 'forward', pass, places, plans: some, options: modelOptions }),
        ).catch(async (thrown) => {
          await onLanes(plans, (lane) => team.run(lane, { do: 'release', pass })).catch(() => {});
          throw thrown;
        });
        for (const { shards, reply } of replies)
          for (const [s, plan] of shards.entries()) {
            spread(plan, starts, lengths, reply[s]!.logprobs, flat.logprobs);
            if (flat.entropies) spread(plan, starts, lengths, reply[s]!.entropies!, flat.entropies);
            if (flat.values) spread(plan, starts, lengths, reply[s]!.values!, flat.values);
          }
      });

      const { version } = weights;
      let open = tape;
      const release = () => {
        if (!open) return;
        open = false;
        void team
          .exclusive(() => onLanes(plans, (lane) => team.run(lane, { do: 'release', pass })))
          .catch(() => {}); // a dead worker holds nothing
      };
      const made: Pass = {
        starts,
        ...flat,
        release,
        async backward(gradients: PassGradients) {
          trainable();
          if (!open)
            throw new Error(tape ? 'a pass can be taken backward once' : 'this pass was made without a tape');
          for (const [field, has] of [
            ['dLogprob', speaks],
            ['dEntropy', entropies],
            ['dValue', values],
          ] as const) {
            const given = gradients[field];
            if (given && !has)
              throw new UnsupportedError(`${field} was given to a pass that did not compute what it derives`);
            if (given && given.length !== total)
              throw new InputError(`${field} has ${given.length} numbers and the pass ${total} tokens`);
          }
          if (weights.version !== version) {
            release();
            throw new Error('the weights have changed since this pass went forward');
          }
          open = false;
          await team.exclusive(async () => {
            const shards = plans.map((plan) => ({
              shard: plan.shard,
              ...weights.gradient(plan.shard),
              dLogprob: gradients.dLogprob && collect(plan, starts, lengths, gradients.dLogprob),
              dEntropy: gradients.dEntropy && collect(plan, starts, lengths, gradients.dEntropy),
              dValue: gradients.dValue && collect(plan, starts, lengths, gradients.dValue),
            }));
            await onLanes(shards, (lane, some) => team.run(lane, { do: 'backward', pass, shards: some }));
          });
        },
      };
      if (tape) forgotten.register(made, release);
      return made;
    },

    async step(optimizer) {
      trainable();
      return team.exclusive(async () => weights.step(optimizer));
    },

    discard() {
      trainable();
      weights.discard();
    },

    async snapshot() {
      alive();
      return team.exclusive(async () => transformerEngine(shared, weights.copy(), true));
    },

    async save() {
      alive();
      return team.exclusive(async () => weights.save());
    },

    async load(state) {
      alive();
      return team.exclusive(async () => weights.load(state));
    },

    encode(text, options = {}) {
      const tokens = tokenizer.encode(text);
      return options.end ? Int32Array.of(...tokens, tokenizer.end) : tokens;
    },

    decode: (tokens) => tokenizer.decode(tokens),

    async close() {
      if (closed) return;
      closed = true;
      await team.exclusive(async () => weights.release());
      shared.users--;
      if (shared.users === 0) await team.close();
    },
  };
  return engine;
}

/** All results, or, once all have ended, the first failure: nothing still works when the next command comes. */
async function together<T>(asked: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(asked);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return settled.map((one) => (one as PromiseFulfilledResult<T>).value);
}

/** Splits requests over lanes evenly, those of one context next to each other, each context once a lane. */
function dealRequests(
  contexts: readonly Int32Array[],
  seeds: readonly number[],
  prefill: Int32Array,
  lanes: number,
): (Pick<SampleJob, 'contexts' | 'of' | 'seeds'> & { lane: number; order: readonly number[] })[] {
  const groups = new Map<Int32Array, number[]>();
  for (const [i, context] of contexts.entries()) {
    const group = groups.get(context);
    if (group) group.push(i);
    else groups.set(context, [i]);
  }
  const order = [...groups.values()].flat();
  const share = Math.ceil(order.length / lanes);
  const jobs = [];
  for (let lane = lanes - 1; lane >= 0; lane--) {
    const some = order.slice(lane * share, (lane + 1) * share);
    if (some.length === 0) continue;
    const own = [...new Set(some.map((i) => contexts[i]!))];
    const place = new Map(own.map((context, at) => [context, at]));
    jobs.push({
      lane,
      order: some,
      contexts: own.map((context) => (prefill.length > 0 ? Int32Array.of(...context, ...prefill) : context)),
      of: Int32Array.from(some, (i) => place.get(contexts[i]!)!),
      seeds: some.map((i) => seeds[i]!),
    });
  }
  return jobs;
}

/** From a shard's order to the order of all sequences. */
function spread(
  plan: ShardPlan,
  starts: Int32Array,
  lengths: readonly number[],
  from: Float64Array,
  to: Float64Array,
): void {
  let at = 0;
  for (const i of plan.sequences) {
    to.set(from.subarray(at, at + lengths[i]!), starts[i]!);
    at += lengths[i]!;
  }
}

/** And back. */
function collect(
  plan: ShardPlan,
  starts: Int32Array,
  lengths: readonly number[],
  from: Float64Array,
): Float64Array {
  const to = new Float64Array(plan.targets.rows.length);
  let at = 0;
  for (const i of plan.sequences) {
    to.set(from.subarray(starts[i]!, starts[i]! + lengths[i]!), at);
    at += lengths[i]!;
  }
  return to;
}
