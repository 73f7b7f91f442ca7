import {
  addBalls,
  type Ball,
  divideBalls,
  multiplyBalls,
  negateBall,
  oneBall,
  signOf,
  squareRoot,
  subtractBalls,
  zeroBall,
} from './ball.ts';
import {
  type Complex,
  complexOf,
  expComplex,
  isComplex,
  isExact,
  multiplyComplex,
  realBall,
  type Value,
} from './complex.ts';
import { arctan, exp, log, piBall, sineCosine } from './elementary.ts';

/** Trigonometric, hyperbolic and inverse functions of one real argument; sine and cosine of complex ones as well. */
export function applyFunction(name: string, of: Value, p: number): Value | undefined {
  if (isComplex(of)) return name === 'sin' || name === 'cos' ? complexSine(name, of, p) : undefined;
  if (isExact(of) && of.n === 0n && Object.hasOwn(atZero, name)) return { n: atZero[name]!, d: 1n };
  const wide = p + 16;
  const x = realBall(of, wide);
  switch (name) {
    case 'sin':
      return sineCosine(x, p)?.sin;
    case 'cos':
      return sineCosine(x, p)?.cos;
    case 'tan':
    case 'cot':
    case 'sec':
    case 'csc': {
      const both = sineCosine(x, wide);
      if (!both) return undefined;
      if (name === 'tan') return divideBalls(both.sin, both.cos, p);
      if (name === 'cot') return divideBalls(both.cos, both.sin, p);
      return divideBalls(oneBall, name === 'sec' ? both.cos : both.sin, p);
    }
    case 'sinh':
    case 'cosh':
    case 'tanh':
    case 'coth':
    case 'sech':
    case 'csch':
      return hyperbolic(name, x, p);
    case 'arctan':
      return arctan(x, p);
    case 'arccot': {
      const part = arctan(x, wide);
      return part && subtractBalls(halfPi(wide), part, p);
    }
    case 'arcsin':
      return arcsine(x, p);
    case 'arccos': {
      const part = arcsine(x, wide);
      return part && subtractBalls(halfPi(wide), part, p);
    }
    case 'arcsec':
    case 'arccsc': {
      const inverse = divideBalls(oneBall, x, wide);
      const part = inverse && arcsine(inverse, wide);
      if (!part) return undefined;
      return name === 'arccsc' ? part : subtractBalls(halfPi(wide), part, p);
    }
    case 'arcsinh': {
      const square = multiplyBalls(x, x, wide);
      const root = square && squareRoot(addBalls(square, oneBall, wide), wide);
      return root && log(addBalls(x, root, wide), p);
    }
    case 'arccosh': {
      const square = multiplyBalls(x, x, wide);
      const root = square && squareRoot(subtractBalls(square, oneBall, wide), wide);
      return root && log(addBalls(x, root, wide), p);
    }
    case 'arctanh': {
      const part = divideBalls(addBalls(oneBall, x, wide), subtractBalls(oneBall, x, wide), wide);
      const ln = part && log(part, p);
      return ln && { ...ln, e: ln.e - 1 };
    }
    default:
      return undefined;
  }
}

const atZero: Readonly<Record<string, bigint>> = {
  sin: 0n,
  cos: 1n,
  tan: 0n,
  sec: 1n,
  sinh: 0n,
  cosh: 1n,
  tanh: 0n,
  sech: 1n,
  arcsin: 0n,
  arctan: 0n,
  arcsinh: 0n,
  arctanh: 0n,
};

function halfPi(p: number): Ball {
  const pi = piBall(p);
  return { ...pi, e: pi.e - 1 };
}

/** atan(x/√(1−x²)); ±π/2 at ±1; undefined outside [−1, 1]. */
function arcsine(x: Ball, p: number): Ball | undefined {
  const wide = p + 16;
  const square = multiplyBalls(x, x, wide);
  if (!square) return undefined;
  const rest = subtractBalls(oneBall, square, wide);
  const sign = signOf(rest);
  if (sign === -1 || sign === undefined) return undefined;
  if (sign === 0) {
    const half = halfPi(p);
    return x.m < 0n ? negateBall(half) : half;
  }
  const root = squareRoot(rest, wide);
  const slope = root && divideBalls(x, root, wide);
  return slope && arctan(slope, p);
}

function hyperbolic(name: string, x: Ball, p: number): Ball | undefined {
  const wide = p + 32;
  const up = exp(x, wide);
  const down = up && divideBalls(oneBall, up, wide);
  if (!up || !down) return undefined;
  const sum = addBalls(up, down, wide);
  const gap = subtractBalls(up, down, wide);
  switch (name) {
    case 'sinh':
      return { ...gap, e: gap.e - 1 };
    case 'cosh':
      return { ...sum, e: sum.e - 1 };
    case 'tanh':
      return divideBalls(gap, sum, p);
    case 'coth':
      return divideBalls(sum, gap, p);
    case 'sech':
      return divideBalls({ ...oneBall, e: 1 }, sum, p);
    default:
      return divideBalls({ ...oneBall, e: 1 }, gap, p);
  }
}

/** From e^{iz} and e^{−iz}. */
function complexSine(name: 'sin' | 'cos', z: Complex, p: number): Value | undefined {
  const wide = p + 16;
  const forward = expComplex({ re: negateBall(z.im), im: z.re }, wide);
  const back = expComplex({ re: z.im, im: negateBall(z.re) }, wide);
  if (!forward || !back) return undefined;
  const a = complexOf(forward, wide);
  const b = complexOf(back, wide);
  const half = (ball: Ball): Ball => ({ ...ball, e: ball.e - 1 });
  if (name === 'cos') return { re: half(addBalls(a.re, b.re, p)), im: half(addBalls(a.im, b.im, p)) };
  const gap: Complex = { re: subtractBalls(a.re, b.re, wide), im: subtractBalls(a.im, b.im, wide) };
  return multiplyComplex(
    { re: half(gap.re), im: half(gap.im) },
    { re: zeroBall, im: { m: -1n, e: 0, r: 0n } },
    p,
  );
}
