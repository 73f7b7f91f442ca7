import { z } from 'zod';
import {
  type Capabilities,
  type Engine,
  type EngineSpec,
  type ForwardOptions,
  type Pass,
  type PassGradients,
  requireSampling,
  type SampleParams,
  type SampleRequest,
  type Sequence,
} from '../../core/engine.ts';
import { InputError, UnsupportedError } from '../../core/errors.ts';
import { parseOptions } from '../../core/options.ts';
import { Random, stream } from '../../core/random.ts';
import type { Completion } from '../../core/sample.ts';
import type { Prompt } from '../../core/task.ts';
import { float64Kernels } from '../embedded/float64/kernels.ts';
import { headPass } from '../embedded/heads.ts';
import { activations, type Kernels } from '../embedded/kernels.ts';
import { type Block, blockBuilder, type Linear } from '../embedded/layout.ts';
import { pick } from '../embedded/pick.ts';
import { checkedParams } from '../embedded/sampling.ts';
import { Tape, type Value } from '../embedded/tape.ts';
import { type Weights, weightsOf } from '../embedded/weights.ts';
import { type InputReader, inputReader, inputsSchema } from './inputs.ts';

const schema = z.strictObject({
  /** What can be said: a completion is one of them, one token. */
  actions: z.array(z.string()).min(1).max(100_000),
  inputs: inputsSchema,
  /** Sizes of the hidden layers; none makes the logits linear in the inputs. */
  hidden: z.array(z.number().int().min(1).max(65_536)).max(16).default([32]),
  activation: z.enum(activations).default('silu'),
  /** A scalar head on the last hidden layer: a critic. */
  values: z.boolean().default(false),
  /** Standard deviation of the weights at the start, times 1/sqrt(inputs of the layer); the heads have a tenth. */
  initialScale: z.number().min(0).max(100).default(1),
});

export type NetworkOptions = z.input<typeof schema>;
type Options = z.output<typeof schema>;

const version = '1';

/**
 * A multilayer perceptron over features or text with a softmax over a finite list of actions: float64, exact gradients.
 * Sampled log-probabilities are of the distribution sampled from; greedy sampling reports them at temperature 1. Throws
 * InputError on wrong options.
 */
export function network(options: NetworkOptions): EngineSpec {
  const parsed = parseOptions(schema, options, "engine 'network'");
  if (new Set(parsed.actions).size < parsed.actions.length)
    throw new InputError("engine 'network': two actions are the same");
  return {
    name: 'network',
    version,
    options: parsed,
    async create({ seed }) {
      const kernels = float64Kernels();
      const layout = layoutOf(parsed, inputReader(parsed.inputs), kernels);
      const weights = weightsOf(kernels, layout.block, (at) => initialise(layout, parsed, kernels, at, seed));
      return networkEngine(parsed, kernels, layout, weights, false);
    },
  };
}

interface NetworkLayout {
  readonly reader: InputReader;
  readonly block: Block;
  readonly hidden: readonly Linear[];
  readonly policy: Linear;
  readonly value?: Linear;
}

function layoutOf(options: Options, reader: InputReader, kernels: Kernels): NetworkLayout {
  const { linear, build } = blockBuilder(kernels);
  let size = reader.size;
  const hidden = options.hidden.map((next, l) => {
    const layer = linear(`hidden.${l}`, size, next);
    size = next;
    return layer;
  });
  const policy = linear('policy', size, options.actions.length);
  const value = options.values ? linear('value', size, 1) : undefined;
  return { reader, hidden, policy, value, block: build() };
}

function initialise(
  { block }: NetworkLayout,
  options: Options,
  kernels: Kernels,
  at: number,
  seed: number,
): void {
  for (const { name, shape, size, at: place } of block.parameters) {
    if (shape.length < 2) continue;
    const random = stream(seed, 'initialise', name);
    const deviation = (options.initialScale / Math.sqrt(shape[0]!)) * (name.startsWith('hidden') ? 1 : 0.1);
    for (let i = 0; i < size; i++) kernels.floats[at + place + i] = random.normal() * deviation;
  }
}

function networkEngine(
  options: Options,
  kernels: Kernels,
  layout: NetworkLayout,
  weights: Weights,
  frozen: boolean,
): Engine {
  const { actions } = options;
  const tokens = new Map(actions.map((action, token) => [action, token]));
  const capabilities: Capabilities = {
    logprobs: true,
    entropies: true,
    values: options.values,
    offsets: true,
    train: !frozen,
    sampling: ['topK', 'topP', 'candidates'],
  };

  /** The last hidden layer for some prompts. */
  function hiddenOf(tape: Tape, prompts: readonly Prompt[]): Value {
    const { size } = layout.reader;
    const input = tape.input(prompts.length, size);
    kernels.fill(input.at, 0, prompts.length * size);
    try {
      for (const [i, prompt] of prompts.entries())
        layout.reader.write(prompt, kernels.floats, input.at + i * size);
    } catch (thrown) {
      tape.release();
      throw thrown;
    }
    return layout.hidden.reduce(
      (x, layer) => tape.activation(options.activation, tape.linear(layer, x)),
      input,
    );
  }

  function tokenOf(text: string): number {
    const token = tokens.get(text);
    if (token === undefined)
      throw new InputError(`'${text.slice(0, 80)}' is not an action of engine 'network'`);
    return token;
  }

  let closed = false;
  function open(): void {
    if (closed) throw new Error("engine 'network' is closed");
  }

  function trainable(): void {
    open();
    if (frozen) throw new UnsupportedError("this 'network' engine is a frozen copy; it cannot be trained");
  }

  const engine: Engine = {
    name: 'network',
    version,
    options,
    capabilities,
    parameters: layout.block.count,

    async sample(requests: readonly SampleRequest[], params: SampleParams): Promise<Completion[]> {
      open();
      requireSampling(engine, params);
      const { temperature } = checkedParams(params);
      const allowed = params.candidates && new Set(params.candidates.map(tokenOf));
      if (requests.length === 0) return [];
      const tape = new Tape(kernels, weights.places(), false);
      try {
        const logits = tape.linear(
          layout.policy,
          hiddenOf(
            tape,
            requests.map(({ context }) => context),
          ),
        );
        const n = actions.length;
        if (allowed)
          for (let i = 0; i < requests.length * n; i++)
            if (!allowed.has(i % n)) kernels.floats[logits.at + i] = Number.NEGATIVE_INFINITY;
        kernels.softmax(logits.at, logits.at, requests.length, n, temperature === 0 ? 1 : temperature);
        return requests.map(({ seed }, i) => {
          const random = new Random(seed);
          const drawn = pick(kernels.floats, logits.at + i * n, n, { ...params, temperature }, () =>
            random.next(),
          );
          return {
            text: actions[drawn.token]!,
            tokens: Int32Array.of(drawn.token),
            logprobs: Float64Array.of(drawn.logprob),
            offsets: Int32Array.of(0),
            length: 1,
            finish: 'stop',
          };
        });
      } finally {
        tape.release();
      }
    },

    async forward(sequences: readonly Sequence[], asked: ForwardOptions = {}): Promise<Pass> {
      open();
      const { temperature = 1, entropies = false, values = false, tape: recording = true } = asked;
      if (!(temperature > 0 && temperature < Infinity))
        throw new InputError(`forward: temperature is ${temperature}; it must be above 0`);
      if (values && !layout.value)
        throw new UnsupportedError("engine 'network' has no scalar head (option values: true)");
      const starts = new Int32Array(sequences.length + 1);
      for (const [i, { tokens: said }] of sequences.entries()) {
        if (said.length > 1)
          throw new InputError(
            `sequence ${i} has ${said.length} tokens; a completion of engine 'network' is one action`,
          );
        if (said.length === 1 && !(said[0]! >= 0 && said[0]! < actions.length))
          throw new InputError(
            `sequence ${i} has the token ${said[0]}; engine 'network' has 0 to ${actions.length - 1}`,
          );
        starts[i + 1] = starts[i]! + said.length;
      }
      const said = sequences.filter(({ tokens }) => tokens.length > 0);
      const total = said.length;
      const tape = new Tape(kernels, weights.places(), recording);
      const hidden = hiddenOf(
        tape,
        said.map(({ context }) => context),
      );
      const { backward, ...pass } = headPass(
        tape,
        Int32Array.from(said, ({ tokens }) => tokens[0]!),
        tape.linear(layout.policy, hidden),
        values ? tape.linear(layout.value!, hidden) : undefined,
        { temperature, entropies, values, tape: recording },
      );
      let done = !recording;
      return {
        ...pass,
        starts,
        async backward(given: PassGradients) {
          trainable();
          if (done)
            throw new Error(
              recording ? 'a pass can be taken backward once' : 'this pass was made without a tape',
            );
          for (const [field, has] of [
            ['dLogprob', true],
            ['dEntropy', entropies],
            ['dValue', values],
          ] as const) {
            if (given[field] && !has)
              throw new UnsupportedError(`${field} was given to a pass that did not compute what it derives`);
            if (given[field] && given[field].length !== total)
              throw new InputError(
                `${field} has ${given[field].length} numbers and the pass ${total} tokens`,
              );
          }
          done = true;
          const { at, fresh } = weights.gradient(0);
          if (fresh) kernels.fill(at, 0, layout.block.size);
          backward(at, given);
        },
        release() {
          if (!done) pass.release();
          done = true;
        },
      };
    },

    async step(optimizer) {
      trainable();
      return weights.step(optimizer);
    },
    discard() {
      trainable();
      weights.discard();
    },
    async snapshot() {
      open();
      return networkEngine(options, kernels, layout, weights.copy(), true);
    },
    async save() {
      open();
      return weights.save();
    },
    async load(state) {
      open();
      weights.load(state);
    },
    encode: (text) => Int32Array.of(tokenOf(text)),
    decode: (said) => Array.from(said, (token) => actions[token] ?? '').join(''),
    async close() {
      if (!closed) weights.release();
      closed = true;
    },
  };
  return engine;
}
