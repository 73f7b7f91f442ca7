import { z } from 'zod';
import {
  type Completion,
  type Engine,
  type EngineSpec,
  type EngineState,
  type ForwardOptions,
  InputError,
  type OptimizerParams,
  type Pass,
  type PassGradients,
  type Prompt,
  parseOptions,
  promptText,
  Random,
  requireSampling,
  type SampleParams,
  type SampleRequest,
  type Sequence,
  type Tensor,
  UnsupportedError,
} from '../../core/index.ts';
import { type AdamSlot, adamSlot, adamStep } from '../adam.ts';

const schema = z.object({
  /** What can be said, one token each. */
  actions: z.array(z.string()).min(1).max(100_000),
  /** Adds an end token: completions are sequences of actions, up to maxTokens. Without it, they have `length` actions. */
  end: z.boolean().default(false),
  /** Actions in a completion when there is no end token. */
  length: z.number().int().min(1).default(1),
  /** How many of the actions said so far the table sees besides the prompt. */
  memory: z.number().int().min(0).default(1_000_000),
  /** Logits that every new row starts from, in the order of actions (and the end token last). Zeros when left out. */
  initial: z.array(z.number()).optional(),
  /** Logits that the row of a given prompt starts from. */
  rows: z.record(z.string(), z.array(z.number())).optional(),
  /** A scalar value for each row: a critic. */
  values: z.boolean().default(false),
  /** The prompt's features give the logits: a linear policy over so many features in place of a table. */
  features: z.number().int().min(1).optional(),
});

export type TabularOptions = z.input<typeof schema>;

/**
 * A softmax table over contexts and actions: a row of logits for every context (the prompt and the actions said so far),
 * or logits linear in the prompt's features. Gradients are exact and float64; a training step takes milliseconds, so a
 * mechanism can be seen by itself before a transformer hides it.
 */
export function tabular(options: TabularOptions): EngineSpec {
  const parsed = parseOptions(schema, options, "engine 'tabular'");
  const width = parsed.actions.length + (parsed.end ? 1 : 0);
  for (const [key, row] of [['', parsed.initial] as const, ...Object.entries(parsed.rows ?? {})])
    if (row && row.length !== width)
      throw new InputError(`engine 'tabular': row '${key}' has ${row.length} logits, expected ${width}`);
  return {
    name: 'tabular',
    version: '1',
    options: parsed,
    create: async () => new TabularEngine(parsed),
  };
}

type Options = z.output<typeof schema>;

/** Logits of one context, where they come from, and their softmax at a temperature. */
interface Choice {
  readonly row: AdamSlot;
  readonly value: AdamSlot | undefined;
  readonly features: Float32Array | undefined;
  readonly probabilities: Float64Array;
  readonly logprobs: Float64Array;
}

class TabularEngine implements Engine {
  readonly name = 'tabular';
  readonly version = '1';
  readonly options: Options;
  readonly capabilities;
  readonly #width: number;
  readonly #index = new Map<string, number>();
  #rows = new Map<string, AdamSlot>();
  #values = new Map<string, AdamSlot>();
  #steps = 0;

  constructor(options: Options) {
    this.options = options;
    this.#width = options.actions.length + (options.end ? 1 : 0);
    options.actions.forEach((action, i) => {
      this.#index.set(action, i);
    });
    this.capabilities = {
      logprobs: true,
      entropies: true,
      values: options.values,
      offsets: true,
      train: true,
      sampling: ['topK', 'candidates'],
    } as const;
  }

  get parameters(): number {
    let total = 0;
    for (const slot of [...this.#rows.values(), ...this.#values.values()]) total += slot.weights.length;
    return total;
  }

  #slot(table: Map<string, AdamSlot>, key: string, prompt: string, isValue: boolean): AdamSlot {
    let slot = table.get(key);
    if (!slot) {
      const features = this.options.features;
      const size = (isValue ? 1 : this.#width) * (features ?? 1);
      const weights = new Float64Array(size);
      const start = isValue || features ? undefined : (this.options.rows?.[prompt] ?? this.options.initial);
      if (start) weights.set(start);
      slot = adamSlot(weights);
      table.set(key, slot);
    }
    return slot;
  }

  #choice(context: Prompt, said: ArrayLike<number>, count: number, temperature: number): Choice {
    const features =
      this.options.features === undefined ? undefined : featuresOf(context, this.options.features);
    const prompt = features ? '' : promptText(context);
    const memory = Math.min(this.options.memory, count);
    let history = '';
    for (let i = count - memory; i < count; i++) history += `\u001f${said[i]}`;
    const key = prompt + history;
    const row = this.#slot(this.#rows, key, prompt, false);
    const value = this.options.values ? this.#slot(this.#values, key, prompt, true) : undefined;
    const logits = new Float64Array(this.#width);
    for (let a = 0; a < this.#width; a++) logits[a] = dot(row.weights, a, features) / temperature;
    const logprobs = logSoftmax(logits);
    return { row, value, features, probabilities: logprobs.map(Math.exp), logprobs };
  }

  async sample(requests: readonly SampleRequest[], params: SampleParams): Promise<Completion[]> {
    requireSampling(this, params);
    if (params.candidates && (this.options.end || this.options.length > 1))
      throw new UnsupportedError("engine 'tabular' takes candidates only where a completion is one action");
    return requests.map((request) => this.#sampleOne(request, params));
  }

  #sampleOne({ context, seed }: SampleRequest, params: SampleParams): Completion {
    const random = new Random(seed);
    const temperature = params.temperature ?? 1;
    const greedy = temperature === 0;
    const allowed = params.candidates && new Set(params.candidates.map((text) => this.#token(text)));
    const { end, length } = this.options;
    const tokens: number[] = [];
    const logprobs: number[] = [];
    let finish: Completion['finish'] = 'length';
    const most = Math.min(params.maxTokens, end ? params.maxTokens : length);
    while (tokens.length < most) {
      const { logprobs: full } = this.#choice(context, tokens, tokens.length, greedy ? 1 : temperature);
      const kept = restrict(full, params.topK, allowed);
      const token = greedy ? argmax(kept) : draw(kept, random);
      tokens.push(token);
      logprobs.push(kept[token]!);
      if (end && token === this.options.actions.length) {
        finish = 'stop';
        break;
      }
    }
    if (!end && tokens.length === length) finish = 'stop';
    const ids = Int32Array.from(tokens);
    const offsets = new Int32Array(ids.length);
    let place = 0;
    ids.forEach((id, i) => {
      offsets[i] = place;
      place += (this.options.actions[id] ?? '').length;
    });
    return {
      text: this.decode(ids),
      tokens: ids,
      logprobs: Float64Array.from(logprobs),
      offsets,
      length: ids.length,
      finish,
    };
  }

  async forward(sequences: readonly Sequence[], options: ForwardOptions = {}): Promise<Pass> {
    const temperature = options.temperature ?? 1;
    const starts = new Int32Array(sequences.length + 1);
    sequences.forEach(({ tokens }, i) => {
      starts[i + 1] = starts[i]! + tokens.length;
    });
    const total = starts[sequences.length]!;
    const logprobs = new Float64Array(total);
    const entropies = options.entropies ? new Float64Array(total) : undefined;
    const values = options.values && this.options.values ? new Float64Array(total) : undefined;
    const ids = new Int32Array(total);
    const choices: Choice[] = [];
    sequences.forEach(({ context, tokens }, i) => {
      for (let t = 0; t < tokens.length; t++) {
        const at = starts[i]! + t;
        const token = tokens[t]!;
        if (!(token >= 0 && token < this.#width))
          throw new InputError(`token ${token} is not an action of the table`);
        const choice = this.#choice(context, tokens, t, temperature);
        choices.push(choice);
        ids[at] = token;
        logprobs[at] = choice.logprobs[token]!;
        if (entropies) entropies[at] = entropy(choice);
        if (values) values[at] = dot(choice.value!.weights, 0, choice.features);
      }
    });
    let done = false;
    const backward = async ({ dLogprob, dEntropy, dValue }: PassGradients): Promise<void> => {
      if (done) throw new Error('a pass can be taken backward once');
      done = true;
      choices.forEach((choice, at) => {
        const up = dLogprob?.[at] ?? 0;
        const upEntropy = dEntropy?.[at] ?? 0;
        if (up !== 0 || upEntropy !== 0) {
          const h = upEntropy === 0 ? 0 : entropy(choice);
          for (let a = 0; a < this.#width; a++) {
            const p = choice.probabilities[a]!;
            let g = up * ((a === ids[at] ? 1 : 0) - p);
            // ∂H/∂z_a = −p_a (ln p_a + H)
            if (upEntropy !== 0 && p > 0) g -= upEntropy * p * (choice.logprobs[a]! + h);
            accumulate(choice.row.gradient, a, choice.features, g / temperature);
          }
        }
        if (dValue && choice.value) accumulate(choice.value.gradient, 0, choice.features, dValue[at]!);
      });
    };
    return {
      starts,
      logprobs,
      entropies,
      values,
      backward,
      release: () => {
        done = true;
      },
    };
  }

  async step(optimizer: OptimizerParams): Promise<{ gradientNorm: number }> {
    this.#steps++;
    const slots = [...this.#rows.values(), ...this.#values.values()];
    return { gradientNorm: adamStep(slots, this.#steps, optimizer) };
  }

  discard(): void {
    for (const slot of [...this.#rows.values(), ...this.#values.values()]) slot.gradient.fill(0);
  }

  async snapshot(): Promise<Engine> {
    const copy = new TabularEngine(this.options);
    await copy.load(await this.save());
    return copy;
  }

  async save(): Promise<EngineState> {
    const tensors = new Map<string, Tensor>();
    const numbers: Record<string, number> = { steps: this.#steps };
    for (const [kind, table] of [
      ['row', this.#rows],
      ['value', this.#values],
    ] as const)
      for (const [key, slot] of table) {
        // Files sort their tensors, and the norm of the gradient is summed in the order of the rows.
        numbers[`place.${kind}:${key}`] = tensors.size;
        for (const part of ['weights', 'first', 'second'] as const)
          tensors.set(`${kind}.${part}:${key}`, { shape: [slot.weights.length], data: slot[part].slice() });
      }
    return { tensors, numbers };
  }

  async load(state: EngineState): Promise<void> {
    const tables = { row: new Map<string, AdamSlot>(), value: new Map<string, AdamSlot>() };
    for (const [name, tensor] of state.tensors) {
      const match = /^(row|value)\.(weights|first|second):/.exec(name);
      if (!match) throw new InputError(`a table's checkpoint has no tensor called '${name.slice(0, 80)}'`);
      const [prefix, kind, part] = match as unknown as [
        string,
        'row' | 'value',
        'weights' | 'first' | 'second',
      ];
      const key = name.slice(prefix.length);
      const size = (kind === 'row' ? this.#width : 1) * (this.options.features ?? 1);
      if (tensor.data.length !== size)
        throw new InputError(
          `tensor '${name.slice(0, 80)}' has ${tensor.data.length} numbers, expected ${size}`,
        );
      let slot = tables[kind].get(key);
      if (!slot) {
        slot = adamSlot(new Float64Array(size));
        tables[kind].set(key, slot);
      }
      slot[part].set(tensor.data);
    }
    const place = (kind: string, key: string) => state.numbers[`place.${kind}:${key}`] ?? 0;
    const ordered = (kind: 'row' | 'value') =>
      new Map([...tables[kind]].sort(([a], [b]) => place(kind, a) - place(kind, b)));
    this.#rows = ordered('row');
    this.#values = ordered('value');
    this.#steps = state.numbers.steps ?? 0;
  }

  #token(text: string): number {
    const token = this.#index.get(text);
    if (token === undefined) throw new InputError(`'${text.slice(0, 80)}' is not an action of the table`);
    return token;
  }

  encode(text: string, { end = false } = {}): Int32Array {
    const tokens: number[] = [];
    let rest = text;
    while (rest.length > 0) {
      let best = '';
      for (const action of this.options.actions)
        if (action.length > best.length && rest.startsWith(action)) best = action;
      if (best === '')
        throw new InputError(`'${rest.slice(0, 80)}' does not start with an action of the table`);
      tokens.push(this.#token(best));
      rest = rest.slice(best.length);
    }
    if (end && this.options.end) tokens.push(this.options.actions.length);
    return Int32Array.from(tokens);
  }

  decode(tokens: Int32Array): string {
    let text = '';
    for (const token of tokens) text += this.options.actions[token] ?? '';
    return text;
  }

  async close(): Promise<void> {}
}

function featuresOf(context: Prompt, size: number): Float32Array {
  if (typeof context !== 'string')
    for (const { content } of context)
      if (typeof content !== 'string')
        for (const part of content)
          if (part.type === 'features') {
            if (part.features.length === size) return part.features;
            throw new InputError(`a prompt has ${part.features.length} features, expected ${size}`);
          }
  throw new InputError("engine 'tabular' with features needs a prompt with a features part");
}

/** Σ_f weights[a, f] · features[f], or the one weight of action a. */
function dot(weights: Float64Array, a: number, features: Float32Array | undefined): number {
  if (!features) return weights[a]!;
  let sum = 0;
  for (let f = 0; f < features.length; f++) sum += weights[a * features.length + f]! * features[f]!;
  return sum;
}

function accumulate(gradient: Float64Array, a: number, features: Float32Array | undefined, g: number): void {
  if (!features) gradient[a] = gradient[a]! + g;
  else
    for (let f = 0; f < features.length; f++) {
      const at = a * features.length + f;
      gradient[at] = gradient[at]! + g * features[f]!;
    }
}

function logSoftmax(logits: Float64Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const z of logits) if (z > top) top = z;
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - top);
  const log = top + Math.log(sum);
  return logits.map((z) => z - log);
}

function entropy({ probabilities, logprobs }: Choice): number {
  let h = 0;
  for (let a = 0; a < probabilities.length; a++)
    if (probabilities[a]! > 0) h -= probabilities[a]! * logprobs[a]!;
  return h;
}

/** Log-probabilities renormalised over the allowed and the K most probable actions; −∞ elsewhere. */
function restrict(
  logprobs: Float64Array,
  topK: number | undefined,
  allowed: Set<number> | undefined,
): Float64Array {
  if (topK === undefined && !allowed) return logprobs;
  const order = Array.from(logprobs, (_, a) => a).filter((a) => !allowed || allowed.has(a));
  order.sort((a, b) => logprobs[b]! - logprobs[a]! || a - b);
  const kept = order.slice(0, topK ?? order.length);
  const out = new Float64Array(logprobs.length).fill(Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const a of kept) sum += Math.exp(logprobs[a]!);
  for (const a of kept) out[a] = logprobs[a]! - Math.log(sum);
  return out;
}

function argmax(x: Float64Array): number {
  let best = 0;
  for (let a = 1; a < x.length; a++) if (x[a]! > x[best]!) best = a;
  return best;
}

function draw(logprobs: Float64Array, random: Random): number {
  let u = random.next();
  let last = 0;
  for (let a = 0; a < logprobs.length; a++) {
    const p = Math.exp(logprobs[a]!);
    if (p === 0) continue;
    last = a;
    u -= p;
    if (u < 0) return a;
  }
  return last;
}
