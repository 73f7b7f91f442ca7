import { UnsupportedError } from './errors.ts';
import type { Described } from './json.ts';
import type { Completion } from './sample.ts';
import type { Prompt } from './task.ts';

/** What sampling can be asked for beyond temperature, tokens and seed. An engine lists what it has. */
export const samplingFeatures = [
  'topK',
  'topP',
  'stop',
  'prefill',
  'trie',
  'beams',
  'budget',
  'candidates',
] as const;
export type SamplingFeature = (typeof samplingFeatures)[number];

export interface Capabilities {
  /** Log-probabilities of the sampled tokens come with the sample. */
  readonly logprobs: boolean;
  /** `forward` gives entropies, and `backward` takes dEntropy. */
  readonly entropies: boolean;
  /** There is a scalar head: `forward` gives values, and `backward` takes dValue. */
  readonly values: boolean;
  /** Completions carry the text offset of each token. */
  readonly offsets: boolean;
  readonly train: boolean;
  readonly sampling: readonly SamplingFeature[];
}

/** A tree of allowed token sequences; an empty `next` is a place where the completion may end. */
export interface Trie {
  readonly next: ReadonlyMap<number, Trie>;
  readonly end?: boolean;
}

export interface SampleParams {
  /** Default 1. 0 is greedy. */
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly maxTokens: number;
  /** Strings that end a completion; the text stops before them. */
  readonly stop?: readonly string[];
  /** The completion starts with this text, which was not sampled. */
  readonly prefill?: string;
  readonly trie?: Trie;
  /** Beam search: so many completions per context, in rank order. */
  readonly beams?: number;
  /** Tokens after which a forced text continues the completion. */
  readonly budget?: { readonly tokens: number; readonly then: string };
  /** Only these texts may be said; the completion is one of them. */
  readonly candidates?: readonly string[];
  readonly signal?: AbortSignal;
}

/** One completion to sample. Its text depends on its context, its seed and the parameters, never on its neighbours. */
export interface SampleRequest<Context = Prompt> {
  readonly context: Context;
  readonly seed: number;
}

export interface Sampler<Context = Prompt> extends Described {
  readonly capabilities: Capabilities;
  /** One completion a request, in order (with `beams`: that many for each, in rank order). */
  sample(requests: readonly SampleRequest<Context>[], params: SampleParams): Promise<Completion[]>;
}

/** A context and the tokens that followed it. */
export interface Sequence<Context = Prompt> {
  readonly context: Context;
  readonly tokens: Int32Array;
}

export interface ForwardOptions {
  /** The sampling temperature: logits are divided by it, so that log-probabilities are those sampled from. Default 1. */
  readonly temperature?: number;
  readonly entropies?: boolean;
  readonly values?: boolean;
  /** False where no backward will follow; saves the memory of the tape. Default true. */
  readonly tape?: boolean;
}

/** Gradients of the loss with respect to what a pass returned; arrays over the same flat tokens. */
export interface PassGradients {
  readonly dLogprob?: Float64Array;
  readonly dEntropy?: Float64Array;
  readonly dValue?: Float64Array;
}

/** A forward pass with its tape. Flat arrays over all completion tokens; sequence i has starts[i] to starts[i + 1]. */
export interface Pass {
  readonly starts: Int32Array;
  readonly logprobs: Float64Array;
  readonly entropies?: Float64Array;
  readonly values?: Float64Array;
  /** Adds to the engine's gradient. A pass can be taken backward once. */
  backward(gradients: PassGradients): Promise<void>;
  /** Frees the tape of a pass that is not taken backward. */
  release(): void;
}

export interface OptimizerParams {
  readonly learningRate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled (AdamW). Default 0. */
  readonly weightDecay?: number;
  /** The gradient is scaled to this norm when longer. Infinity when left out. */
  readonly clipNorm?: number;
}

export interface StepReport {
  /** Euclidean norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/** Named arrays, as safetensors stores them. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** All that an engine must keep to continue bit for bit: weights and optimiser state. */
export interface EngineState {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Step count of the optimiser and the like. */
  readonly numbers: { readonly [name: string]: number };
}

/**
 * What can be sampled and trained. The estimators and objectives above it are the same for a softmax table, an MLP, the
 * embedded transformer and a remote model.
 */
export interface Engine<Context = Prompt> extends Sampler<Context> {
  readonly parameters: number;
  forward(sequences: readonly Sequence<Context>[], options?: ForwardOptions): Promise<Pass>;
  /** Applies the gradient that backward passes added up, and clears it. */
  step(optimizer: OptimizerParams): Promise<StepReport>;
  /** Drops the gradient gathered so far. */
  discard(): void;
  /** A frozen copy: a reference or teacher; it samples and goes forward. */
  snapshot(): Promise<Engine<Context>>;
  save(): Promise<EngineState>;
  load(state: EngineState): Promise<void>;
  /** The tokens of a text as this engine would have sampled it; with `end`, closed by the stop token. Throws InputError. */
  encode(text: string, options?: { end?: boolean }): Int32Array;
  decode(tokens: Int32Array): string;
  /** Stops worker threads and frees memory. */
  close(): Promise<void>;
}

export interface EngineContext {
  readonly seed: number;
  /** Worker threads besides arithmetic's own; results do not depend on it. */
  readonly threads?: number;
}

/** How a recipe names an engine: a value; the engine itself is made when the run starts. */
export interface EngineSpec extends Described {
  create(context: EngineContext): Promise<Engine>;
}

/** Refuses, before step 0 and with one line, what an engine lacks. */
export function requireCapabilities(
  engine: Pick<Sampler<unknown>, 'name' | 'capabilities'>,
  needs: { values?: boolean; entropies?: boolean; logprobs?: boolean; offsets?: boolean; train?: boolean },
  why: string,
): void {
  const missing = (['train', 'logprobs', 'entropies', 'values', 'offsets'] as const).filter(
    (capability) => needs[capability] && !engine.capabilities[capability],
  );
  if (missing.length > 0)
    throw new UnsupportedError(`engine '${engine.name}' has no ${missing.join(', no ')}, which ${why} needs`);
}

/** Refuses sampling parameters that an engine does not implement; none is ever ignored. */
export function requireSampling(
  engine: Pick<Sampler<unknown>, 'name' | 'capabilities'>,
  params: SampleParams,
): void {
  const asked = samplingFeatures.filter((feature) => params[feature] !== undefined);
  const missing = asked.filter((feature) => !engine.capabilities.sampling.includes(feature));
  if (missing.length > 0)
    throw new UnsupportedError(`engine '${engine.name}' cannot sample with ${missing.join(', ')}`);
}
