/** Added to the variance, or to the mean square, before the root. */
const epsilon = 1e-5;

export function norm(
  f: Float64Array,
  centred: boolean,
  y: number,
  x: number,
  gain: number,
  bias: number,
  stats: number,
  rows: number,
  width: number,
): void {
  for (let i = 0; i < rows; i++) {
    const row = x + i * width;
    let mean = 0;
    if (centred) {
      for (let c = 0; c < width; c++) mean += f[row + c]!;
      mean /= width;
    }
    let square = 0;
    for (let c = 0; c < width; c++) square += (f[row + c]! - mean) ** 2;
    const inverse = 1 / Math.sqrt(square / width + epsilon);
    f[stats + 2 * i] = mean;
    f[stats + 2 * i + 1] = inverse;
    for (let c = 0; c < width; c++)
      f[y + i * width + c] = (f[row + c]! - mean) * inverse * f[gain + c]! + (centred ? f[bias + c]! : 0);
  }
}

export function normBackward(
  f: Float64Array,
  centred: boolean,
  dx: number,
  dgain: number,
  dbias: number,
  dy: number,
  x: number,
  gain: number,
  stats: number,
  rows: number,
  width: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < rows; i++) {
    const row = i * width;
    const mean = f[stats + 2 * i]!;
    const inverse = f[stats + 2 * i + 1]!;
    let meanD = 0;
    let meanDX = 0;
    for (let c = 0; c < width; c++) {
      const unit = (f[x + row + c]! - mean) * inverse;
      const d = f[dy + row + c]! * f[gain + c]!;
      meanD += d;
      meanDX += d * unit;
      f[dgain + c]! += f[dy + row + c]! * unit;
      if (centred) f[dbias + c]! += f[dy + row + c]!;
    }
    meanD = centred ? meanD / width : 0;
    meanDX /= width;
    for (let c = 0; c < width; c++) {
      const unit = (f[x + row + c]! - mean) * inverse;
      const d = (f[dy + row + c]! * f[gain + c]! - meanD - unit * meanDX) * inverse;
      f[dx + row + c] = accumulate ? f[dx + row + c]! + d : d;
    }
  }
}
