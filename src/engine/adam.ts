import type { OptimizerParams } from '../core/index.ts';

/** One array of parameters with its gradient and Adam's two moments, all float64. */
export interface AdamSlot {
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export function adamSlot(weights: Float64Array): AdamSlot {
  const n = weights.length;
  return { weights, gradient: new Float64Array(n), first: new Float64Array(n), second: new Float64Array(n) };
}

/**
 * One step of AdamW (Kingma and Ba 2015; decoupled decay: Loshchilov and Hutter 2019) over all slots, after scaling the
 * gradient to `clipNorm`; clears the gradients. `t` is the 1-based step. Returns the norm before clipping.
 */
export function adamStep(slots: Iterable<AdamSlot>, t: number, params: OptimizerParams): number {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = params;
  const all = [...slots];
  let squares = 0;
  for (const { gradient } of all) for (let i = 0; i < gradient.length; i++) squares += gradient[i]! ** 2;
  const norm = Math.sqrt(squares);
  const limit = params.clipNorm ?? Number.POSITIVE_INFINITY;
  const scale = norm > limit ? limit / norm : 1;
  const correct1 = 1 - beta1 ** t;
  const correct2 = 1 - beta2 ** t;
  for (const { weights, gradient, first, second } of all) {
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i]! * scale;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      const update = first[i]! / correct1 / (Math.sqrt(second[i]! / correct2) + epsilon);
      weights[i] = weights[i]! - learningRate * (update + weightDecay * weights[i]!);
      gradient[i] = 0;
    }
  }
  return norm;
}
