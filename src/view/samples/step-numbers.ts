import type { ColumnBlock, Store } from '../../store/index.ts';

/** A step's numbers over all of its blocks. */
export interface StepNumbers {
  readonly step: number;
  readonly n: number;
  /** One number a sample, NaN where there is none. */
  column(name: string): Float64Array;
}

/** The numbers of the steps from `from` to `to` that have samples, in order. */
export function* stepNumbers(
  store: Store,
  run: string,
  names: readonly string[],
  range: { readonly split: string; readonly from: number; readonly to: number },
): Generator<StepNumbers> {
  let blocks: ColumnBlock[] = [];
  for (const block of store.columns(run, names, range)) {
    if (blocks.length > 0 && block.step !== blocks[0]!.step) {
      yield joined(blocks);
      blocks = [];
    }
    blocks.push(block);
  }
  if (blocks.length > 0) yield joined(blocks);
}

function joined(blocks: readonly ColumnBlock[]): StepNumbers {
  const last = blocks.at(-1)!;
  const n = last.first + last.n;
  return {
    step: last.step,
    n,
    column: (name) => {
      const whole = blocks.length === 1 ? blocks[0]!.columns.get(name) : undefined;
      if (whole) return whole;
      const out = new Float64Array(n).fill(Number.NaN);
      for (const { first, columns } of blocks) {
        const own = columns.get(name);
        if (own) out.set(own, first);
      }
      return out;
    },
  };
}

/** For each sample 1 where all values of its group are alike; samples without a verdict do not count. */
export function zeroVarianceOf(step: StepNumbers): Uint8Array {
  const groups = step.column('group');
  const values = step.column('value');
  const first = new Map<number, number>();
  const varied = new Set<number>();
  for (let i = 0; i < step.n; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const seen = first.get(groups[i]!);
    if (seen === undefined) first.set(groups[i]!, value);
    else if (seen !== value) varied.add(groups[i]!);
  }
  return Uint8Array.from(groups, (group) => (varied.has(group) ? 0 : 1));
}
