import type { Activation } from '../kernels.ts';

/** sqrt(2/π), and the cubic coefficient of the tanh form of GELU. */
const geluA = Math.sqrt(2 / Math.PI);
const geluB = 0.044715;

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** 0.5·(1 + tanh u) is sigmoid(2u), which is how both forms are written here. */
export const activate: Record<Activation, (x: number) => number> = {
  gelu: (x) => x * sigmoid(2 * geluA * (x + geluB * x * x * x)),
  silu: (x) => x * sigmoid(x),
  relu: (x) => Math.max(0, x),
};

export const derivative: Record<Activation, (x: number) => number> = {
  gelu: (x) => {
    const s = sigmoid(2 * geluA * (x + geluB * x * x * x));
    return s + x * s * (1 - s) * 2 * geluA * (1 + 3 * geluB * x * x);
  },
  silu: (x) => {
    const s = sigmoid(x);
    return s + x * s * (1 - s);
  },
  relu: (x) => (x > 0 ? 1 : 0),
};
