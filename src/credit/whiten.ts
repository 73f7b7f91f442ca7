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
