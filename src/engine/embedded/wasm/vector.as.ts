// AssemblyScript. Vector helpers and the functions that WebAssembly has no instruction for.

/** a · b + c. Fused in the relaxed build only. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 2) +
    (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3))
  );
}

@inline
export function max4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 2)),
    max(f32x4.extract_lane(x, 1), f32x4.extract_lane(x, 3)),
  );
}

/** The first m (1 to 3) floats at p, the other lanes `other`. */
export function loadTail(p: usize, m: i32, other: f32): v128 {
  let x = f32x4.replace_lane(f32x4.splat(other), 0, load<f32>(p));
  if (m > 1) x = f32x4.replace_lane(x, 1, load<f32>(p, 4));
  if (m > 2) x = f32x4.replace_lane(x, 2, load<f32>(p, 8));
  return x;
}

/** Stores the first m (1 to 3) lanes. */
export function storeTail(p: usize, m: i32, x: v128): void {
  store<f32>(p, f32x4.extract_lane(x, 0));
  if (m > 1) store<f32>(p, f32x4.extract_lane(x, 1), 4);
  if (m > 2) store<f32>(p, f32x4.extract_lane(x, 2), 8);
}

/**
 * e^x, relative error about 1e-7: x = n·ln 2 + r, a polynomial of degree 7 in r (coefficients of Cephes' expf), and n
 * added to the exponent. 0 below -87, where the result would be subnormal.
 */
@inline
export function exp4(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(-87.0));
  const y = f32x4.min(f32x4.max(x, f32x4.splat(-87.0)), f32x4.splat(88.0));
  const n = f32x4.nearest(f32x4.mul(y, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(y, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1.0)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), tiny);
}

/** The natural logarithm of a positive, normal number, to float64 precision: 2·artanh((m - 1)/(m + 1)) + n·ln 2. */
export function ln(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let n = <f64>((bits >> 52) - 1023);
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n += 1;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let series: f64 = 1.0 / 19.0;
  series = series * q + 1.0 / 17.0;
  series = series * q + 1.0 / 15.0;
  series = series * q + 1.0 / 13.0;
  series = series * q + 1.0 / 11.0;
  series = series * q + 1.0 / 9.0;
  series = series * q + 1.0 / 7.0;
  series = series * q + 1.0 / 5.0;
  series = series * q + 1.0 / 3.0;
  series = series * q + 1.0;
  return 2 * s * series + n * 0.6931471805599453;
}
