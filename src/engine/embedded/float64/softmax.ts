/** softmax(x / temperature) of one row, and its log-sum-exp. */
function row(f: Float64Array, x: number, columns: number, temperature: number): number {
  let max = -Infinity;
  for (let c = 0; c < columns; c++) max = Math.max(max, f[x + c]! / temperature);
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += Math.exp(f[x + c]! / temperature - max);
  return max + Math.log(sum);
}

export function softmax(
  f: Float64Array,
  p: number,
  x: number,
  rows: number,
  columns: number,
  temperature: number,
): void {
  for (let i = 0; i < rows; i++) {
    const lse = row(f, x + i * columns, columns, temperature);
    for (let c = 0; c < columns; c++)
      f[p + i * columns + c] = Math.exp(f[x + i * columns + c]! / temperature - lse);
  }
}

export function logSoftmax(
  f: Float64Array,
  ints: Int32Array,
  logprobs: number,
  entropies: number,
  lse: number,
  logits: number,
  targets: number,
  rows: number,
  columns: number,
  temperature: number,
): void {
  for (let i = 0; i < rows; i++) {
    const x = logits + i * columns;
    const total = row(f, x, columns, temperature);
    f[lse + i] = total;
    f[logprobs + i] = f[x + ints[targets + i]!]! / temperature - total;
    if (entropies === 0) continue;
    let entropy = 0;
    for (let c = 0; c < columns; c++) {
      const logp = f[x + c]! / temperature - total;
      const p = Math.exp(logp);
      if (p > 0) entropy -= p * logp;
    }
    f[entropies + i] = entropy;
  }
}

/** With z = logits / T: dL/dz_c = dLogprob·(1[c = target] - p_c) - dEntropy·p_c·(log p_c + H), and dL/dlogits is that over T. */
export function logSoftmaxBackward(
  f: Float64Array,
  ints: Int32Array,
  logits: number,
  lse: number,
  targets: number,
  dLogprob: number,
  entropies: number,
  dEntropy: number,
  rows: number,
  columns: number,
  temperature: number,
): void {
  for (let i = 0; i < rows; i++) {
    const x = logits + i * columns;
    const dl = f[dLogprob + i]!;
    const dh = dEntropy === 0 ? 0 : f[dEntropy + i]!;
    const entropy = dEntropy === 0 ? 0 : f[entropies + i]!;
    const target = ints[targets + i]!;
    for (let c = 0; c < columns; c++) {
      const logp = f[x + c]! / temperature - f[lse + i]!;
      const p = Math.exp(logp);
      const one = c === target ? 1 : 0;
      const bits = p > 0 ? dh * p * (logp + entropy) : 0;
      f[x + c] = (dl * (one - p) - bits) / temperature;
    }
  }
}
