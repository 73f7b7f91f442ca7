/**
 * (x − mean) / √(variance + ε) over the unmasked values; masked ones become 0. `bessel` divides the squares by n − 1 (verl
 * `masked_whiten`, ε = 1e-8 under the root). One value alone, or equal ones, become 0. `into` may be the values' own array.
 */
export function whiten(
  values: Float64Array,
  mask: Uint8Array,
  { epsilon = 1e-8, bessel = true }: { readonly epsilon?: number; readonly bessel?: boolean } = {},
  into: Float64Array = new Float64Array(values.length),
): Float64Array {
  let n = 0;
  let sum = 0;
  for (let t = 0; t < values.length; t++)
    if (mask[t]) {
      n++;
      sum += values[t]!;
    }
  const mean = sum / n;
  let squares = 0;
  for (let t = 0; t < values.length; t++) if (mask[t]) squares += (values[t]! - mean) ** 2;
  const divisor = bessel ? n - 1 : n;
  const spread = divisor > 0 ? Math.sqrt(squares / divisor + epsilon) : 0;
  const scale = spread > 0 ? 1 / spread : 0;
  for (let t = 0; t < values.length; t++) into[t] = mask[t] ? (values[t]! - mean) * scale : 0;
  return into;
}

/**
 * `whiten` of values that are one a sample (NaN: none) on each of its tokens, from counts in place of tokens: the same to
 * rounding, in a quarter of the time.
 */
export function whitenSamples(
  values: ArrayLike<number>,
  { starts, mask }: { readonly starts: Int32Array; readonly mask: Uint8Array },
  { epsilon = 1e-8, bessel = true }: { readonly epsilon?: number; readonly bessel?: boolean } = {},
): Float64Array {
  const counts = new Int32Array(values.length);
  let n = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    let count = 0;
    for (let t = starts[i]!; t < starts[i + 1]!; t++) count += mask[t]!;
    counts[i] = count;
    n += count;
    sum += count * values[i]!;
  }
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < values.length; i++)
    if (counts[i]! > 0) squares += counts[i]! * (values[i]! - mean) ** 2;
  const divisor = bessel ? n - 1 : n;
  const spread = divisor > 0 ? Math.sqrt(squares / divisor + epsilon) : 0;
  const out = new Float64Array(mask.length);
  if (spread === 0) return out;
  for (let i = 0; i < values.length; i++) {
    if (counts[i] === 0) continue;
    const from = starts[i]!;
    const to = starts[i + 1]!;
    const value = (values[i]! - mean) / spread;
    if (counts[i] === to - from) out.fill(value, from, to);
    else for (let t = from; t < to; t++) if (mask[t]) out[t] = value;
  }
  return out;
}
