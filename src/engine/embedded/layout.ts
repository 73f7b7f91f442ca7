import { stream } from '../../core/random.ts';
import type { Activation, Kernels } from './kernels.ts';

/** What decides the parameters of a transformer and how it computes. */
export interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** The longest input, in tokens. */
  readonly context: number;
  readonly vocabulary: number;
  readonly tied: boolean;
  readonly norm: 'layer' | 'rms';
  readonly activation: Activation;
  readonly head: 'language' | 'scalar' | 'both';
}

/** One named array of the weights. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Place relative to the start of the weights (and of a gradient, and of each moment). */
  readonly at: number;
  /** Matrices and embeddings decay; gains and biases do not. */
  readonly decay: boolean;
  /** Places relative to the start of the panels, for a matrix that is multiplied with. */
  readonly panels?: { readonly plain: number; readonly transposed: number };
}

export interface Norm {
  readonly gain: Parameter;
  readonly bias?: Parameter;
}

export interface Linear {
  readonly weight: Parameter;
  readonly bias: Parameter;
}

export interface Layer {
  readonly attentionNorm: Norm;
  readonly attention: Linear;
  readonly attentionOut: Linear;
  readonly mlpNorm: Norm;
  readonly mlpIn: Linear;
  readonly mlpOut: Linear;
}

/** Parameters in one block. */
export interface Block {
  readonly parameters: readonly Parameter[];
  /** Elements of the weights with their padding, and of the panels. */
  readonly size: number;
  readonly panelSize: number;
  /** Numbers that are trained. */
  readonly count: number;
}

export interface Layout extends Block {
  readonly shape: Shape;
  readonly tokens: Parameter;
  readonly positions: Parameter;
  readonly layers: readonly Layer[];
  readonly norm: Norm;
  /** Absent when tied: then the token embedding is used, transposed. */
  readonly language?: Linear;
  readonly scalar?: Linear;
}

/** Lays out parameters in one block, each at a multiple of 4, in the order in which they are added. */
export function blockBuilder(kernels: Pick<Kernels, 'panelSize'>) {
  const parameters: Parameter[] = [];
  let size = 0;
  let panelSize = 0;
  /** A `matrix` is multiplied with, a `table` is looked up in; both decay, vectors do not. */
  const add = (name: string, shape: readonly number[], use: 'matrix' | 'table' | 'vector'): Parameter => {
    const n = shape.reduce((product, dimension) => product * dimension, 1);
    let panels: Parameter['panels'];
    if (use === 'matrix') {
      const [inner, columns] = shape as [number, number];
      const transposed = panelSize + round4(kernels.panelSize(inner, columns));
      panels = { plain: panelSize, transposed };
      panelSize = transposed + round4(kernels.panelSize(columns, inner));
    }
    const parameter: Parameter = { name, shape, size: n, at: size, decay: use !== 'vector', panels };
    parameters.push(parameter);
    size += round4(n);
    return parameter;
  };
  return {
    add,
    linear: (name: string, inner: number, columns: number): Linear => ({
      weight: add(`${name}.weight`, [inner, columns], 'matrix'),
      bias: add(`${name}.bias`, [columns], 'vector'),
    }),
    build: (): Block => ({
      parameters,
      size,
      panelSize,
      count: parameters.reduce((sum, parameter) => sum + parameter.size, 0),
    }),
  };
}

/** The parameters of a transformer. */
export function layoutOf(shape: Shape, kernels: Pick<Kernels, 'panelSize'>): Layout {
  const { add, linear, build } = blockBuilder(kernels);
  const { width, vocabulary } = shape;
  const norm = (name: string): Norm => ({
    gain: add(`${name}.gain`, [width], 'vector'),
    bias: shape.norm === 'layer' ? add(`${name}.bias`, [width], 'vector') : undefined,
  });
  const speaks = shape.head !== 'scalar';
  const tokens = add('tokens', [vocabulary, width], shape.tied && speaks ? 'matrix' : 'table');
  const positions = add('positions', [shape.context, width], 'table');
  const layers = Array.from({ length: shape.layers }, (_, l) => ({
    attentionNorm: norm(`layers.${l}.attention.norm`),
    attention: linear(`layers.${l}.attention.in`, width, 3 * width),
    attentionOut: linear(`layers.${l}.attention.out`, width, width),
    mlpNorm: norm(`layers.${l}.mlp.norm`),
    mlpIn: linear(`layers.${l}.mlp.in`, width, 4 * width),
    mlpOut: linear(`layers.${l}.mlp.out`, 4 * width, width),
  }));
  const last = norm('norm');
  const language = speaks && !shape.tied ? linear('language', width, vocabulary) : undefined;
  const scalar = shape.head === 'language' ? undefined : linear('scalar', width, 1);
  return { shape, tokens, positions, layers, norm: last, language, scalar, ...build() };
}

/**
 * Draws the weights: gains 1, biases 0, embeddings normal with deviation `scale`, matrices normal with deviation
 * 1/sqrt(inputs) · scale/0.1; those that write to the residual stream divided by sqrt(2·layers) further, as GPT-2
 * does; heads a tenth of that, so that a fresh policy is near uniform. Each parameter has a stream of its own.
 */
export function initialise(
  layout: Layout,
  weights: Float32Array | Float64Array,
  seed: number,
  scale: number,
): void {
  for (const { name, shape, size, at } of layout.parameters) {
    if (name.endsWith('.gain')) weights.fill(1, at, at + size);
    if (shape.length < 2) continue;
    let deviation = scale;
    if (name.endsWith('.weight')) deviation *= 10 / Math.sqrt(shape[0]!);
    if (name.endsWith('.out.weight')) deviation /= Math.sqrt(2 * layout.shape.layers);
    if (name === 'language.weight' || name === 'scalar.weight') deviation /= 10;
    const random = stream(seed, 'initialise', name);
    for (let i = 0; i < size; i++) weights[at + i] = random.normal() * deviation;
  }
}

function round4(n: number): number {
  return (n + 3) & ~3;
}
