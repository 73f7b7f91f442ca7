/**
 * Bounds that no real log-probability, advantage or value comes near, so that finite inputs, however absurd, never give NaN
 * or infinity. Inside them nothing changes.
 */
export function bounded(x: number): number {
  return x > 1e60 ? 1e60 : Math.max(x, -1e60);
}

/** ℓ − ℓ', within ±1e6. */
export function logRatio(logprob: number, other: number): number {
  const d = logprob - other;
  return d > 1e6 ? 1e6 : Math.max(d, -1e6);
}
