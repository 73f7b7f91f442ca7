import {
  type ExpectationResult,
  inOrder,
  type Reproduction,
  type Sweep,
  type SweptExpectation,
} from '../train/index.ts';

/** The figures that a person looks at while it runs. */
export function metricsLine(metrics: { readonly [name: string]: number }): string {
  return Object.entries(metrics)
    .filter(([name]) => !/^(mean|last)\./.test(name))
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ');
}

const figure = (x: number) => (Number.isFinite(x) ? x.toFixed(4) : String(x));

function judgement({
  difference: { mean, low, high },
  holds,
}: Pick<ExpectationResult, 'difference' | 'holds'>): string {
  return `${figure(mean)} [${figure(low)}, ${figure(high)}] ${holds ? 'holds' : 'does not hold'}`;
}

/** What follows the arm in the line of an expectation. */
function difference(expectation: ExpectationResult, at = ''): string {
  const { over, metric, direction, by = 0 } = expectation;
  return `− ${over}${at}${metric ? ` (${metric})` : ''} ${direction}${by ? ` by ${by}` : ''}: ${judgement(expectation)}`;
}

function ownMetricLine(
  own: NonNullable<SweptExpectation['byOwnMetric']>,
  { arm, over, metric }: SweptExpectation,
): string {
  const others = own.overAt === undefined ? '' : `, ${over} at ${own.overAt}`;
  return `  each at its best of ${metric} (${arm} at ${own.at}${others}): ${judgement(own)}`;
}

/** Arms with their intervals, then each expectation and whether it held. */
export function reproductionTable({ arms, expected, metric, holds, seconds }: Reproduction): string {
  const width = Math.max(...arms.map(({ name }) => name.length));
  return [
    `${metric}, mean and 95 % interval over ${arms[0]?.seeds.length ?? 0} seeds:`,
    ...arms.map(
      ({ name, metric: { mean, low, high, values } }) =>
        `  ${name.padEnd(width)}  ${figure(mean)}  [${figure(low)}, ${figure(high)}]  ${values.map(figure).join(' ')}`,
    ),
    ...expected.map((each) => `${each.arm} ${difference(each)}`),
    `${holds ? 'holds' : 'does not hold'} (${Math.round(seconds)} s)`,
  ].join('\n');
}

/** Arms by values with their intervals, the best of each marked, then each expectation at the best values and at equal ones. */
export function sweepTable(result: Sweep): string {
  const { arms, expected, metric, best, field, holds, seconds, seeds } = result;
  const values = inOrder(result.values);
  const rows = [
    ['', ...values.map(String)],
    ...arms.map((arm) => [
      arm.name,
      ...values.map((value) => {
        const { mean, low, high } = arm.values.find((each) => each.value === value)!.metric;
        return `${figure(mean)} [${figure(low)}, ${figure(high)}]${value === arm.best ? (arm.edge ? ' *!' : ' *') : ''}`;
      }),
    ]),
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const open = arms.some(({ edge }) => edge) && values.length > 1;
  return [
    `${metric}, mean and 95 % interval over ${seeds.length} seeds, by ${field}:`,
    ...rows.map((row) => `  ${row.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd()),
    `* the ${best} mean of the arm${open ? '; ! at the edge of what was tried' : ''}`,
    ...expected.flatMap((each) => [
      `${each.arm} at ${each.at} ${difference(each, each.overAt === undefined ? '' : ` at ${each.overAt}`)}`,
      ...(each.byOwnMetric ? [ownMetricLine(each.byOwnMetric, each)] : []),
      ...each.equal
        .toSorted((a, b) => values.indexOf(a.value) - values.indexOf(b.value))
        .map((equal) => `  both at ${equal.value}: ${judgement(equal)}`),
    ]),
    `with each arm at its best: ${holds ? 'holds' : 'does not hold'} (${Math.round(seconds)} s)`,
  ].join('\n');
}
