/** How one token is drawn from a row of probabilities. */
export interface PickParams {
  /** 0 takes the most probable token, the lowest id among equals. */
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
}

let kept = new Float64Array(0);

/**
 * Draws a token from the probabilities p[at … at + n), restricted by top-k and then, within what it left, top-p (the
 * smallest set of most probable tokens that holds the mass; lower ids first among equals). `uniform` is in [0, 1).
 * Returns the token and its log-probability under the renormalised distribution (greedy: under p itself).
 */
export function pick(
  p: Float32Array | Float64Array,
  at: number,
  n: number,
  { temperature, topK, topP }: PickParams,
  uniform: () => number,
): { token: number; logprob: number } {
  if (temperature === 0) {
    let token = 0;
    for (let c = 1; c < n; c++) if (p[at + c]! > p[at + token]!) token = c;
    return { token, logprob: Math.log(p[at + token]!) };
  }
  let threshold = 0;
  let ties = n; // how many tokens at the threshold itself are kept
  if ((topK !== undefined && topK < n) || (topP !== undefined && topP < 1)) {
    if (kept.length < n) kept = new Float64Array(n);
    const sorted = kept.subarray(0, n);
    for (let c = 0; c < n; c++) sorted[c] = p[at + c]!;
    sorted.sort();
    let size = Math.min(topK ?? n, n);
    if (topP !== undefined) size = nucleus(sorted, size, topP);
    threshold = sorted[n - size]!;
    let above = 0;
    while (above < size && sorted[n - 1 - above]! > threshold) above++;
    ties = size - above;
  }
  let total = 0;
  let left = ties;
  for (let c = 0; c < n; c++) {
    const mass = p[at + c]!;
    if (mass > threshold || (mass === threshold && left-- > 0)) total += mass;
  }
  const goal = uniform() * total;
  let sum = 0;
  let token = 0;
  left = ties;
  for (let c = 0; c < n; c++) {
    const mass = p[at + c]!;
    if (mass === 0 || !(mass > threshold || (mass === threshold && left-- > 0))) continue;
    sum += mass;
    token = c;
    if (sum > goal) break;
  }
  return { token, logprob: Math.log(p[at + token]! / total) };
}

/** How many of the `size` largest (at the end of a rising array) hold a share topP of their mass. */
function nucleus(sorted: Float64Array, size: number, topP: number): number {
  let total = 0;
  for (let i = 1; i <= size; i++) total += sorted[sorted.length - i]!;
  let sum = 0;
  for (let i = 1; i <= size; i++) {
    sum += sorted[sorted.length - i]!;
    if (sum >= topP * total) return i;
  }
  return size;
}
