import type { EngineState, OptimizerParams, StepReport, Tensor } from '../../core/engine.ts';
import { InputError } from '../../core/errors.ts';
import type { Kernels } from './kernels.ts';
import type { Block } from './layout.ts';
import { shardCount } from './plan.ts';
import type { Places } from './tape.ts';

/** The weights of one model in the kernels' memory, and, once it is trained, their gradients and moments. */
export interface Weights {
  /** Changes whenever the weights do. */
  readonly version: number;
  /** Where weights and panels are; panels are brought up to date first. */
  places(): Places;
  /** Where a shard's gradient is, and whether it must be cleared before it is added to. */
  gradient(shard: number): { at: number; fresh: boolean };
  step(optimizer: OptimizerParams): StepReport;
  discard(): void;
  /** A copy of the weights alone. */
  copy(): Weights;
  save(): EngineState;
  /** Throws InputError, and changes nothing, when a tensor is missing, unknown or of another shape. */
  load(state: EngineState): void;
  release(): void;
}

export function weightsOf(kernels: Kernels, layout: Block, fill: (at: number) => void): Weights {
  const { size, parameters } = layout;
  const at = kernels.allocate(size);
  kernels.fill(at, 0, size);
  fill(at);
  const panels = kernels.allocate(layout.panelSize);
  let packed = false;
  const used = new Array<boolean>(shardCount).fill(false);
  let gradients = 0;
  let moments = 0;
  let steps = 0;
  let version = 0;

  function pack(): void {
    for (const { shape, at: place, panels: of } of parameters) {
      if (!of) continue;
      const [inner, columns] = shape as [number, number];
      kernels.pack(panels + of.plain, at + place, inner, columns);
      kernels.packTransposed(panels + of.transposed, at + place, columns, inner);
    }
    packed = true;
  }

  function changed(): void {
    packed = false;
    version++;
    used.fill(false);
  }

  function needMoments(): void {
    if (moments !== 0) return;
    moments = kernels.allocate(2 * size);
    kernels.fill(moments, 0, 2 * size);
  }

  return {
    get version() {
      return version;
    },

    places() {
      if (!packed) pack();
      return { weights: at, panels };
    },

    gradient(shard) {
      if (gradients === 0) gradients = kernels.allocate(shardCount * size);
      const fresh = !used[shard];
      used[shard] = true;
      return { at: gradients + shard * size, fresh };
    },

    step({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clipNorm }) {
      const shards = used.flatMap((is, shard) => (is ? [gradients + shard * size] : []));
      if (shards.length === 0) return { gradientNorm: 0 };
      needMoments();
      const sum = shards[0]!;
      for (const shard of shards.slice(1)) kernels.add(sum, sum, shard, size);
      const gradientNorm = Math.sqrt(kernels.sumSquares(sum, size));
      const scale = clipNorm !== undefined && gradientNorm > clipNorm ? clipNorm / gradientNorm : 1;
      steps++;
      for (const parameter of parameters)
        kernels.adamw(
          at + parameter.at,
          sum + parameter.at,
          moments + parameter.at,
          moments + size + parameter.at,
          parameter.size,
          learningRate,
          beta1,
          beta2,
          epsilon,
          parameter.decay ? weightDecay : 0,
          1 - beta1 ** steps,
          1 - beta2 ** steps,
          scale,
        );
      changed();
      return { gradientNorm };
    },

    discard: () => void used.fill(false),

    copy: () => weightsOf(kernels, layout, (to) => kernels.copy(to, at, size)),

    save() {
      const tensors = new Map<string, Tensor>();
      const add = (prefix: string, from: number) => {
        for (const { name, shape, at: place, size: n } of parameters)
          tensors.set(prefix + name, { shape, data: kernels.floats.slice(from + place, from + place + n) });
      };
      add('', at);
      if (moments !== 0) {
        add('adam.first.', moments);
        add('adam.second.', moments + size);
      }
      return { tensors, numbers: { steps } };
    },

    load({ tensors, numbers }) {
      const withMoments = [...tensors.keys()].some((name) => name.startsWith('adam.'));
      const prefixes = withMoments ? ['', 'adam.first.', 'adam.second.'] : [''];
      for (const prefix of prefixes)
        for (const { name, shape } of parameters) {
          const tensor = tensors.get(prefix + name);
          if (!tensor) throw new InputError(`the saved engine has no tensor '${prefix}${name}'`);
          if (tensor.shape.join('×') !== shape.join('×'))
            throw new InputError(
              `tensor '${prefix}${name}' is ${tensor.shape.join('×')} in the saved engine and ${shape.join('×')} here`,
            );
        }
      const most = prefixes.length * parameters.length;
      if (tensors.size > most) {
        const known = new Set(prefixes.flatMap((prefix) => parameters.map(({ name }) => prefix + name)));
        const unknown = [...tensors.keys()].find((name) => !known.has(name));
        throw new InputError(`the saved engine has a tensor '${unknown}' that this engine has not`);
      }
      if (withMoments) needMoments();
      else if (moments !== 0) kernels.fill(moments, 0, 2 * size);
      const starts = [at, moments, moments + size];
      for (const [i, prefix] of prefixes.entries())
        for (const { name, at: place } of parameters)
          kernels.floats.set(tensors.get(prefix + name)!.data, starts[i]! + place);
      steps = numbers.steps ?? 0;
      changed();
    },

    release() {
      for (const block of [at, panels, gradients, moments]) if (block !== 0) kernels.free(block);
    },
  };
}
