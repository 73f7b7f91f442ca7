import { readFileSync } from 'node:fs';
import { allocator } from '../allocator.ts';
import { activations, ceil8, type Kernels, segmentFields } from '../kernels.ts';
import { Instance, Memory, Module } from './webassembly.ts';

/** Memory that threads share, and the module that works on it. Can be sent to a worker. */
export interface WasmSource {
  readonly module: Module;
  readonly memory: Memory;
}

/** 64 KiB each; WebAssembly's limit is 4 GiB. */
const maximumPages = 65536;
const pageElements = 16384;

const modules = new Map<string, Module>();

/** A fresh memory. `relaxed` takes the build with fused multiply-add. */
export function wasmSource(relaxed: boolean): WasmSource {
  const file = relaxed ? 'kernels.relaxed.wasm' : 'kernels.wasm';
  let module = modules.get(file);
  if (!module) {
    module = new Module(readFileSync(new URL(file, import.meta.url)));
    modules.set(file, module);
  }
  const memory = new Memory({ initial: 16, maximum: maximumPages, shared: true });
  // Place 0 is no place; element 1 holds how many elements are given out, for all threads.
  new Int32Array(memory.buffer)[used] = 16;
  return { module, memory };
}

const used = 1;

type Export = (...places: (number | boolean)[]) => number;

/** The kernels in WebAssembly SIMD over float32. Each thread makes its own over the shared memory. */
export function wasmKernels({ module, memory }: WasmSource): Kernels {
  const x = new Instance(module, { env: { memory } }).exports as Record<string, Export>;
  let floats = new Float32Array(memory.buffer);
  let ints = new Int32Array(memory.buffer);

  const blocks = allocator((elements) => {
    const at = Atomics.add(ints, used, elements);
    const end = at + elements;
    if (end > maximumPages * pageElements) {
      Atomics.sub(ints, used, elements);
      throw new RangeError('the engine needs more than the 4 GiB that WebAssembly memory can have');
    }
    // Another thread may have grown it meanwhile.
    try {
      while (memory.buffer.byteLength / 4 < end)
        memory.grow(Math.ceil((end - memory.buffer.byteLength / 4) / pageElements));
    } catch {
      throw new RangeError(`the engine could not get memory: ${Math.ceil(end / 262144)} MiB in all`);
    }
    floats = new Float32Array(memory.buffer);
    ints = new Int32Array(memory.buffer);
    return at;
  });

  /** Room for tiles and packing; a tile takes 32 elements. Kernels may read a little beyond. */
  let scratch = 0;
  let scratchSize = 0;
  function room(elements: number): void {
    const size = elements + 64;
    if (size <= scratchSize) return;
    if (scratch !== 0) blocks.free(scratch);
    scratchSize = Math.max(size, 1 << 14);
    scratch = blocks.allocate(scratchSize);
    x.setScratch!(scratch * 4);
  }
  room(0);

  /** The longest run of keys of some segments. */
  function longest(segments: number, count: number): number {
    let most = 0;
    for (let s = 0; s < count; s++) {
      const at = segments + s * segmentFields;
      most = Math.max(most, ints[at + 1]! + ints[at + 3]!);
    }
    return ceil8(most);
  }

  return {
    precision: 'float32',
    get floats() {
      return floats;
    },
    get ints() {
      return ints;
    },
    allocate: blocks.allocate,
    free: blocks.free,

    fill: (at, value, n) => void x.fill!(at * 4, value, n),
    copy: (to, from, n) => void floats.copyWithin(to, from, from + n),
    add: (out, a, b, n) => void x.add!(out * 4, a * 4, b * 4, n),

    panelSize: (inner, columns) => inner * ceil8(columns),
    pack: (panels, matrix, inner, columns) => void x.pack!(panels * 4, matrix * 4, inner, columns),
    packTransposed: (panels, matrix, inner, columns) =>
      void x.packTransposed!(panels * 4, matrix * 4, inner, columns),
    matmul: (c, a, panels, rows, inner, columns, bias, accumulate) =>
      void x.matmul!(c * 4, a * 4, panels * 4, rows, inner, columns, bias * 4, accumulate),
    matmulTransposed(c, a, b, rows, m, n) {
      room(32 + 256 * (m + 4 + n + 8));
      x.matmulTransposed!(c * 4, a * 4, b * 4, rows, m, n);
    },
    columnSums: (out, from, rows, columns) => void x.columnSums!(out * 4, from * 4, rows, columns),

    gather: (out, table, index, rows, width, accumulate) =>
      void x.gather!(out * 4, table * 4, index * 4, rows, width, accumulate),
    scatter: (table, from, index, rows, width) =>
      void x.scatter!(table * 4, from * 4, index * 4, rows, width),

    layerNorm: (y, from, gain, bias, stats, rows, width) =>
      void x.norm!(1, y * 4, from * 4, gain * 4, bias * 4, stats * 4, rows, width),
    layerNormBackward: (dx, dgain, dbias, dy, from, gain, stats, rows, width, accumulate) =>
      void x.normBackward!(
        1,
        dx * 4,
        dgain * 4,
        dbias * 4,
        dy * 4,
        from * 4,
        gain * 4,
        stats * 4,
        rows,
        width,
        accumulate,
      ),
    rmsNorm: (y, from, gain, stats, rows, width) =>
      void x.norm!(0, y * 4, from * 4, gain * 4, 0, stats * 4, rows, width),
    rmsNormBackward: (dx, dgain, dy, from, gain, stats, rows, width, accumulate) =>
      void x.normBackward!(
        0,
        dx * 4,
        dgain * 4,
        0,
        dy * 4,
        from * 4,
        gain * 4,
        stats * 4,
        rows,
        width,
        accumulate,
      ),

    activation: (kind, y, from, n) => void x.activation!(activations.indexOf(kind), y * 4, from * 4, n),
    activationBackward: (kind, dx, dy, from, n) =>
      void x.activationBackward!(activations.indexOf(kind), dx * 4, dy * 4, from * 4, n),

    attention(out, probabilities, qkv, segments, count, heads, width) {
      room(32 + longest(segments, count) * (2 * ceil8(width / heads)) + 64);
      x.attention!(out * 4, probabilities * 4, qkv * 4, segments * 4, count, heads, width);
    },
    attentionBackward(dqkv, dout, probabilities, qkv, segments, count, heads, width) {
      const most = longest(segments, count);
      room(32 + most * (4 * ceil8(width / heads) + most) + 64);
      x.attentionBackward!(dqkv * 4, dout * 4, probabilities * 4, qkv * 4, segments * 4, count, heads, width);
    },
    cacheWrite: (cache, qkv, rows, slots, positions, n, heads, width, capacity) =>
      void x.cacheWrite!(cache * 4, qkv * 4, rows * 4, slots * 4, positions * 4, n, heads, width, capacity),
    cachedAttention(out, cache, qkv, slots, positions, n, heads, width, capacity) {
      room(32 + capacity);
      x.cachedAttention!(out * 4, cache * 4, qkv * 4, slots * 4, positions * 4, n, heads, width, capacity);
    },

    softmax: (p, from, rows, columns, temperature) =>
      void x.softmax!(p * 4, from * 4, rows, columns, 1 / temperature),
    logSoftmax: (logprobs, entropies, lse, logits, targets, rows, columns, temperature) =>
      void x.logSoftmax!(
        logprobs * 4,
        entropies * 4,
        lse * 4,
        logits * 4,
        targets * 4,
        rows,
        columns,
        1 / temperature,
      ),
    logSoftmaxBackward: (logits, lse, targets, dLogprob, entropies, dEntropy, rows, columns, temperature) =>
      void x.logSoftmaxBackward!(
        logits * 4,
        lse * 4,
        targets * 4,
        dLogprob * 4,
        entropies * 4,
        dEntropy * 4,
        rows,
        columns,
        1 / temperature,
      ),

    sumSquares: (from, n) => x.sumSquares!(from * 4, n),
    adamw: (w, g, m, v, n, rate, beta1, beta2, epsilon, decay, correction1, correction2, scale) =>
      void x.adamw!(
        w * 4,
        g * 4,
        m * 4,
        v * 4,
        n,
        rate,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        epsilon,
        1 - rate * decay,
        1 / correction1,
        1 / correction2,
        scale,
      ),
  };
}
