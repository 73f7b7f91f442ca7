import type {
  Agreement,
  Comparison,
  ErrorRates,
  Pair,
  ProbeReport,
  Rates,
  Rescored,
} from '../audit/index.ts';
import type { Interval, Json, NoVerdictCount, Verdict } from '../core/index.ts';
import type { Outcome } from './command.ts';

/** What an audit may not exceed. */
export interface Limits {
  readonly maxFpr?: number;
  readonly maxFnr?: number;
  readonly maxNoVerdict?: number;
  readonly maxAccept?: number;
}

/** An interval for a document: a rate of nothing is null. */
export function interval({ value, low, high, n }: Interval): Json {
  return { value: finite(value), low: finite(low), high: finite(high), n };
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

export function silence({ n, causes }: NoVerdictCount): Json {
  return { n, causes: { ...causes } };
}

export function percent(x: number): string {
  return Number.isFinite(x) ? `${(100 * x).toFixed(2)} %` : 'unknown';
}

export function shown({ value, low, high, n }: Interval): string {
  return `${percent(value).padStart(9)}  [${percent(low)}, ${percent(high)}] of ${n}`;
}

export function ratesJson({ n, accuracy, falsePositiveRate, falseNegativeRate, noVerdict }: Rates) {
  return {
    n,
    accuracy: finite(accuracy.value),
    accuracyInterval: interval(accuracy),
    falsePositiveRate: interval(falsePositiveRate),
    falseNegativeRate: interval(falseNegativeRate),
    noVerdict: silence(noVerdict),
  };
}

function verdictJson({ value, cause, reason, answer }: Verdict): Json {
  return { reward: value, cause, reason, answer };
}

/** Rates, and whether they keep within the limits. A limit on a side without cases is not kept: nothing shows that it is. */
export function ratesReport(rates: ErrorRates, limits: Limits): Outcome {
  const { falsePositiveRate, falseNegativeRate, noVerdict, n, disagreements, byCategory, byColumn } = rates;
  const silent = n > 0 ? noVerdict.n / n : Number.NaN;
  const limited: readonly (readonly [string, number | undefined, number])[] = [
    ['false-positive rate', limits.maxFpr, falsePositiveRate.value],
    ['false-negative rate', limits.maxFnr, falseNegativeRate.value],
    ['share without a verdict', limits.maxNoVerdict, silent],
  ];
  const checks = limited.flatMap(([name, most, value]) =>
    most === undefined ? [] : [{ name, most, value }],
  );
  const broken = checks.filter(({ most, value }) => !(value <= most));
  const group = (of: { readonly [name: string]: Rates }) =>
    Object.fromEntries(Object.entries(of).map(([name, one]) => [name, ratesJson(one)]));
  const json = {
    ...ratesJson(rates),
    byCategory: group(byCategory),
    ...(Object.keys(byColumn).length > 0 ? { byColumn: group(byColumn) } : {}),
    dropped: rates.dropped,
    seconds: rates.seconds,
    ...(disagreements.length > 0
      ? {
          disagreements: disagreements.map(({ case: one, verdict, kind }) => ({
            kind,
            id: one.id,
            line: one.line,
            column: one.column,
            category: one.category,
            label: one.label,
            verdict: verdictJson(verdict),
          })),
        }
      : {}),
  };
  const lines = [
    ...ratesLines(rates),
    ...groupLines('by completion field', byColumn),
    ...groupLines('by category', byCategory),
    ...disagreements.map(({ case: one, verdict, kind }) =>
      [words[kind], `line ${one.line}`, one.column, one.category, `${verdict.reason ?? ''}`]
        .filter(Boolean)
        .join(' · '),
    ),
    ...broken.map(
      ({ name, most, value }) => `${name} ${percent(value)} is not within the limit of ${percent(most)}`,
    ),
  ];
  return { json: JSON.parse(JSON.stringify(json)) as Json, text: lines.join('\n'), ok: broken.length === 0 };
}

const words = {
  falsePositive: 'wrongly accepted',
  falseNegative: 'wrongly rejected',
  noVerdict: 'no verdict',
} as const;

function ratesLines({ n, accuracy, falsePositiveRate, falseNegativeRate, noVerdict }: Rates): string[] {
  const causes = Object.entries(noVerdict.causes).map(([cause, count]) => `${count} ${cause}`);
  return [
    `accuracy             ${shown(accuracy)}`,
    `false positives      ${shown(falsePositiveRate)}`,
    `false negatives      ${shown(falseNegativeRate)}`,
    `no verdict           ${percent(n > 0 ? noVerdict.n / n : Number.NaN).padStart(9)}  ${noVerdict.n} of ${n}${causes.length > 0 ? `: ${causes.join(', ')}` : ''}`,
  ];
}

function groupLines(title: string, groups: { readonly [name: string]: Rates }): string[] {
  const names = Object.keys(groups);
  if (names.length === 0) return [];
  const width = Math.max(...names.map((name) => name.length), title.length);
  const cell = (text: string) => text.padStart(10);
  return [
    '',
    `${title.padEnd(width)}${cell('cases')}${cell('accuracy')}${cell('FPR')}${cell('FNR')}`,
    ...names.map((name) => {
      const { n, accuracy, falsePositiveRate, falseNegativeRate } = groups[name]!;
      const rates = [accuracy, falsePositiveRate, falseNegativeRate].map(({ value }) =>
        cell(Number.isFinite(value) ? percent(value) : '–'),
      );
      return `${name.padEnd(width)}${cell(String(n))}${rates.join('')}`;
    }),
    '',
  ];
}

function pairsJson(pairs: readonly Pair[]): Json[] {
  return pairs.map(
    ({ case: one, first, second }) =>
      JSON.parse(
        JSON.stringify({
          id: one.id,
          line: one.line,
          column: one.column,
          label: one.label,
          first: verdictJson(first),
          second: verdictJson(second),
        }),
      ) as Json,
  );
}

function pairLines(pairs: readonly Pair[]): string[] {
  return pairs.map(
    ({ case: one, first, second }) =>
      `line ${one.line} · ${one.column} · ${first.value ?? first.cause}: ${first.reason ?? ''} · ${second.value ?? second.cause}: ${second.reason ?? ''}`,
  );
}

export function agreementReport(
  found: Agreement,
  flags: { readonly reward?: string; readonly second?: string },
): Outcome {
  const { n, agreement, kappa, table, noVerdict, disagreements } = found;
  return {
    json: {
      n,
      agreement: interval(agreement),
      kappa: finite(kappa),
      table,
      noVerdict: { first: silence(noVerdict.first), second: silence(noVerdict.second) },
      disagreements: pairsJson(disagreements),
    },
    text: [
      `agreement   ${shown(agreement)}, kappa ${Number.isFinite(kappa) ? kappa.toFixed(3) : 'undefined'}`,
      `both accept ${table.bothAccept}, both reject ${table.bothReject}, only ${flags.reward} ${table.onlyFirst}, only ${flags.second} ${table.onlySecond}`,
      `no verdict  ${noVerdict.first.n} and ${noVerdict.second.n} of ${n}`,
      ...pairLines(disagreements),
    ].join('\n'),
  };
}

export function comparisonReport(
  found: Comparison,
  { compare = [] }: { readonly compare?: readonly string[] },
): Outcome {
  const { n, a, b, onlyA, onlyB, difference, p, disagreements } = found;
  return {
    json: {
      n,
      a: ratesJson(a),
      b: ratesJson(b),
      onlyA,
      onlyB,
      difference: interval(difference),
      p,
      disagreements: pairsJson(disagreements),
    },
    text: [
      `${compare[0]}`,
      ...ratesLines(a),
      `${compare[1]}`,
      ...ratesLines(b),
      `only ${compare[0]} right ${onlyA} times, only ${compare[1]} ${onlyB} times: McNemar p = ${p.toPrecision(3)}`,
      `accuracy differs by ${percent(difference.value)} [${percent(difference.low)}, ${percent(difference.high)}]`,
      ...pairLines(disagreements),
    ].join('\n'),
  };
}

/** A probe accepted more often than the limit is a hole. */
export function probeReport(
  { tasks, probes, falseAlarms }: ProbeReport,
  { maxAccept = 0.01 }: Limits,
): Outcome {
  const holes = probes.filter(({ accepted }) => accepted.value > maxAccept);
  const width = Math.max(...probes.map(({ name }) => name.length));
  return {
    json: {
      tasks,
      limit: maxAccept,
      probes: probes.map(({ name, family, accepted, noVerdict, examples }) => ({
        name,
        family,
        accepted: interval(accepted),
        noVerdict: silence(noVerdict),
        examples: examples as Json,
      })),
      holes: holes.map(({ name }) => name),
      falseAlarms:
        falseAlarms === undefined
          ? null
          : {
              ...(interval(falseAlarms.rate) as { [key: string]: Json }),
              byProbe: falseAlarms.byProbe,
            },
    },
    text: [
      ...probes.map(
        ({ name, accepted }) =>
          `${accepted.value > maxAccept ? '✗' : '✓'} ${name.padEnd(width)} ${shown(accepted)}`,
      ),
      ...(falseAlarms === undefined
        ? []
        : [`false alarms on answers labelled right: ${shown(falseAlarms.rate).trim()}`]),
      ...holes.flatMap(({ name, examples }) =>
        examples.map(({ task, text, reason }) => `${name} · task ${task} · ${text} · ${reason}`),
      ),
      holes.length === 0
        ? `${probes.length} probes on ${tasks} tasks: none is accepted in more than ${percent(maxAccept)}`
        : `${holes.length} of ${probes.length} probes are accepted in more than ${percent(maxAccept)} of cases`,
    ].join('\n'),
    ok: holes.length === 0,
  };
}

export function rescoreReport(found: Rescored, flags: { readonly rescore?: string }): Outcome {
  const { samples, compared, changed, meanBefore, meanAfter, advantages, noVerdict, differences } = found;
  return {
    json: {
      run: flags.rescore,
      samples,
      compared,
      changed,
      mean: { before: finite(meanBefore), after: finite(meanAfter) },
      advantages,
      noVerdict: { before: silence(noVerdict.before), after: silence(noVerdict.after) },
      differences: differences as unknown as Json,
    },
    text: [
      `${samples} samples, ${changed} of ${compared} rewards change`,
      `mean reward ${meanBefore.toFixed(4)} before, ${meanAfter.toFixed(4)} after`,
      `advantages change sign on ${advantages.signChanged} of ${advantages.compared} samples; correlation ${advantages.correlation === null ? 'undefined' : advantages.correlation.toFixed(3)}`,
      `no verdict ${noVerdict.before.n} before, ${noVerdict.after.n} after`,
      ...differences.map(
        ({ step, sample, before, after, reason }) =>
          `step ${step} · ${sample} · ${before} → ${after} · ${reason}`,
      ),
    ].join('\n'),
  };
}
