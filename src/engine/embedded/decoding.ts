import type { Trie } from '../../core/engine.ts';
import { Random } from '../../core/random.ts';
import type { Finish } from '../../core/sample.ts';
import type { Kernels } from './kernels.ts';
import type { Layout, Linear, Norm } from './layout.ts';
import { hiddenRows, logitsOf } from './model.ts';
import { type PickParams, pick } from './pick.ts';
import { packContexts } from './plan.ts';
import { type Places, Tape } from './tape.ts';

/** What one thread is asked to sample. */
export interface SampleJob extends PickParams {
  readonly contexts: readonly Int32Array[];
  /** Per completion, which context it continues. */
  readonly of: Int32Array;
  readonly seeds: readonly number[];
  readonly maxTokens: number;
  readonly end: number;
  readonly trie?: Trie;
  /** Stop strings as bytes, with the bytes of every token. */
  readonly stop?: { readonly strings: readonly Uint8Array[]; readonly pieces: readonly Uint8Array[] };
}

export interface SampledTokens {
  readonly tokens: Int32Array;
  readonly logprobs: Float64Array;
  readonly finish: Finish;
}

/** Rows that are decoded together, and prompt rows that are computed together. */
const batchRows = 128;
const prefillRows = 2048;

interface Row {
  readonly index: number;
  readonly slot: number;
  readonly random: Random;
  readonly tokens: Int32Array;
  readonly logprobs: Float64Array;
  readonly bytes?: number[];
  length: number;
  position: number;
  node?: Trie;
}

/**
 * Samples completions with a cache of keys and values, row by row of a changing batch: finished rows leave it, waiting
 * ones enter. Nothing that is computed for a row depends on the others. Call `step` until it returns false.
 */
export class Decoding {
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  readonly #places: Places;
  readonly #job: SampleJob;
  readonly #results: SampledTokens[];
  readonly #slots: number[];
  readonly #capacity: number;
  readonly #cache: number;
  readonly #slotSize: number;
  readonly #layerSize: number;
  readonly #tape: Tape;
  /** Holds prompts while they enter. */
  readonly #prompts: Tape;
  readonly #buffers: {
    x: number;
    y: number;
    qkv: number;
    mlp: number;
    logits: number;
    stats: number;
    tokens: number;
    positions: number;
    slots: number;
    rows: number;
  };
  #rows: Row[] = [];
  #waiting = 0;

  constructor(kernels: Kernels, layout: Layout, places: Places, job: SampleJob) {
    this.#kernels = kernels;
    this.#layout = layout;
    this.#places = places;
    this.#job = job;
    this.#results = new Array(job.of.length);
    const { width, layers, vocabulary } = layout.shape;
    const longest = job.contexts.reduce((most, context) => Math.max(most, context.length), 0);
    const n = Math.min(batchRows, job.of.length);
    this.#capacity = (longest + job.maxTokens + 3) & ~3;
    this.#slotSize = 2 * width * this.#capacity;
    this.#layerSize = n * this.#slotSize;
    this.#slots = Array.from({ length: n }, (_, i) => n - 1 - i);
    this.#cache = kernels.allocate(layers * this.#layerSize);
    this.#tape = new Tape(kernels, places, false);
    this.#prompts = new Tape(kernels, places, false);
    const take = (elements: number) => this.#tape.take(elements);
    this.#buffers = {
      x: take(n * width),
      y: take(n * width),
      qkv: take(n * 3 * width),
      mlp: take(n * 4 * width),
      logits: take(n * vocabulary),
      stats: take(2 * n),
      tokens: take(n),
      positions: take(n),
      slots: take(n),
      rows: take(n),
    };
    kernels.ints.set(
      Array.from({ length: n }, (_, i) => i),
      this.#buffers.rows,
    );
  }

  /** One token for every row. False when all completions are done. */
  step(): boolean {
    if (this.#rows.length > 0) this.#advance();
    const left = this.#job.of.length - this.#waiting;
    // Entering in fewer, larger groups keeps prompt matrices large.
    while (
      this.#waiting < this.#job.of.length &&
      this.#slots.length >= Math.min(left, this.#rows.length === 0 ? 1 : batchRows / 4)
    )
      this.#enter();
    return this.#rows.length > 0;
  }

  /** Ends every row that is not done. */
  abort(): void {
    for (const row of this.#rows) this.#finish(row, 'abort');
    this.#rows = [];
    while (this.#waiting < this.#job.of.length)
      this.#results[this.#waiting++] = {
        tokens: new Int32Array(0),
        logprobs: new Float64Array(0),
        finish: 'abort',
      };
  }

  get results(): readonly SampledTokens[] {
    return this.#results;
  }

  release(): void {
    this.#prompts.release();
    this.#tape.release();
    this.#kernels.free(this.#cache);
  }

  /** Takes waiting completions in, as many as there are slots for: each context is computed once for all that continue it. */
  #enter(): void {
    const job = this.#job;
    const contexts: Int32Array[] = [];
    const place = new Map<number, number>();
    const rows: { row: Row; context: number }[] = [];
    let tokens = 0;
    while (this.#waiting < job.of.length && this.#slots.length > 0) {
      const of = job.of[this.#waiting]!;
      const context = job.contexts[of]!;
      let at = place.get(of);
      if (at === undefined) {
        if (contexts.length > 0 && tokens + context.length > prefillRows) break;
        at = contexts.push(context) - 1;
        tokens += context.length;
        place.set(of, at);
      }
      const index = this.#waiting++;
      const row: Row = {
        index,
        slot: this.#slots.pop()!,
        random: new Random(job.seeds[index]!),
        tokens: new Int32Array(job.maxTokens),
        logprobs: new Float64Array(job.maxTokens),
        bytes: job.stop ? [] : undefined,
        length: 0,
        position: context.length,
        node: job.trie,
      };
      rows.push({ row, context: at });
    }

    const k = this.#kernels;
    const { heads, width, vocabulary } = this.#layout.shape;
    const packed = packContexts(contexts, heads);
    const tape = this.#prompts;
    // Each context's keys and values go to the slot of every row that continues it.
    const sources: number[] = [];
    const slots: number[] = [];
    const positions: number[] = [];
    for (const { row, context } of rows)
      for (let t = 0; t < contexts[context]!.length; t++) {
        sources.push(packed.starts[context]! + t);
        slots.push(row.slot);
        positions.push(t);
      }
    const [s, l, p] = [tape.integers(sources), tape.integers(slots), tape.integers(positions)];
    const last = contexts.map((context, i) => packed.starts[i]! + context.length - 1);
    const hidden = hiddenRows(tape, this.#layout, packed.rows, Int32Array.from(last), (layer, qkv) =>
      k.cacheWrite(
        this.#cache + layer * this.#layerSize,
        qkv.at,
        s,
        l,
        p,
        sources.length,
        heads,
        width,
        this.#capacity,
      ),
    );
    const logits = logitsOf(tape, this.#layout, tape.norm(this.#layout.norm, hidden));
    const first = this.#rows.length;
    for (const [i, { context }] of rows.entries())
      k.copy(this.#buffers.logits + (first + i) * vocabulary, logits.at + context * vocabulary, vocabulary);
    tape.release();
    const entered = rows.map(({ row }) => row);
    this.#rows.push(...this.#choose(entered, this.#buffers.logits + first * vocabulary));
  }

  /** Runs the last token of each row through the model and chooses the next. */
  #advance(): void {
    const k = this.#kernels;
    const b = this.#buffers;
    const { layers, norm, tokens, positions, language } = this.#layout;
    const { width, heads, vocabulary, activation } = this.#layout.shape;
    const n = this.#rows.length;
    const ints = k.ints;
    for (const [i, row] of this.#rows.entries()) {
      ints[b.tokens + i] = row.tokens[row.length - 1]!;
      ints[b.positions + i] = row.position++;
      ints[b.slots + i] = row.slot;
    }
    const { weights } = this.#places;
    k.gather(b.x, weights + tokens.at, b.tokens, n, width, false);
    k.gather(b.x, weights + positions.at, b.positions, n, width, true);
    for (const [l, layer] of layers.entries()) {
      const cache = this.#cache + l * this.#layerSize;
      this.#norm(layer.attentionNorm, n);
      this.#linear(b.qkv, b.y, layer.attention, n, false);
      k.cacheWrite(cache, b.qkv, b.rows, b.slots, b.positions, n, heads, width, this.#capacity);
      k.cachedAttention(b.y, cache, b.qkv, b.slots, b.positions, n, heads, width, this.#capacity);
      this.#linear(b.x, b.y, layer.attentionOut, n, true);
      this.#norm(layer.mlpNorm, n);
      this.#linear(b.mlp, b.y, layer.mlpIn, n, false);
      k.activation(activation, b.mlp, b.mlp, n * 4 * width);
      this.#linear(b.x, b.mlp, layer.mlpOut, n, true);
    }
    this.#norm(norm, n);
    if (language) this.#linear(b.logits, b.y, language, n, false);
    else
      k.matmul(
        b.logits,
        b.y,
        this.#places.panels + tokens.panels!.transposed,
        n,
        width,
        vocabulary,
        0,
        false,
      );
    this.#rows = this.#choose(this.#rows, b.logits);
  }

  #norm({ gain, bias }: Norm, n: number): void {
    const { x, y, stats } = this.#buffers;
    const { weights } = this.#places;
    const { width } = this.#layout.shape;
    if (bias) this.#kernels.layerNorm(y, x, weights + gain.at, weights + bias.at, stats, n, width);
    else this.#kernels.rmsNorm(y, x, weights + gain.at, stats, n, width);
  }

  #linear(to: number, from: number, { weight, bias }: Linear, n: number, add: boolean): void {
    const [inner, columns] = weight.shape as [number, number];
    const { panels, weights } = this.#places;
    this.#kernels.matmul(to, from, panels + weight.panels!.plain, n, inner, columns, weights + bias.at, add);
  }

  /** Chooses a token for each row from its logits; returns the rows that go on. */
  #choose(rows: readonly Row[], logits: number): Row[] {
    const k = this.#kernels;
    const { temperature, maxTokens, end, stop } = this.#job;
    const { vocabulary } = this.#layout.shape;
    const stuck = rows.map(
      ({ node }, i) => node !== undefined && !allow(k.floats, logits + i * vocabulary, vocabulary, node, end),
    );
    k.softmax(logits, logits, rows.length, vocabulary, temperature === 0 ? 1 : temperature);
    const floats = k.floats;
    return rows.filter((row, i) => {
      if (stuck[i]) {
        this.#finish(row, 'constraint');
        return false;
      }
      const { token, logprob } = pick(floats, logits + i * vocabulary, vocabulary, this.#job, () =>
        row.random.next(),
      );
      row.tokens[row.length] = token;
      row.logprobs[row.length++] = logprob;
      if (row.node) row.node = row.node.next.get(token);
      if (token === end || (stop && stops(row.bytes!, stop.pieces[token]!, stop.strings)))
        this.#finish(row, 'stop');
      else if (row.length === maxTokens) this.#finish(row, 'length');
      else return true;
      return false;
    });
  }

  #finish(row: Row, finish: Finish): void {
    this.#results[row.index] = {
      tokens: row.tokens.slice(0, row.length),
      logprobs: row.logprobs.slice(0, row.length),
      finish,
    };
    this.#slots.push(row.slot);
  }
}

/** Leaves only the tokens that may follow at a node (where none is named, the end); false when there is none. */
function allow(floats: Float32Array | Float64Array, at: number, n: number, node: Trie, end: number): boolean {
  const ends = node.end === true || node.next.size === 0;
  let any = false;
  for (let c = 0; c < n; c++)
    if (node.next.has(c) || (ends && c === end)) any = true;
    else floats[at + c] = -1e30;
  return any;
}

/** Appends a token's bytes; true when a stop string ends in them. */
function stops(bytes: number[], piece: Uint8Array, strings: readonly Uint8Array[]): boolean {
  const before = bytes.length;
  for (const byte of piece) bytes.push(byte);
  return strings.some((string) => {
    for (let at = Math.max(0, before - string.length + 1); at + string.length <= bytes.length; at++) {
      let i = 0;
      while (i < string.length && bytes[at + i] === string[i]) i++;
      if (i === string.length) return true;
    }
    return false;
  });
}
