import { basename, dirname, join } from 'node:path';
import type {
  Agreement,
  Case,
  Comparison,
  ErrorRates,
  Pair,
  ProbeReport,
  Rates,
  Rescored,
} from '../audit/index.ts';
import { type Interval, promptText, type Verdict } from '../core/index.ts';
import { defaultStorePath, writeFileAtomic } from '../store/index.ts';
import type { AuditDocument } from '../view/audits.ts';
import type { AuditFlags } from './audit-flags.ts';
import { percent, rescoreReport } from './audit-report.ts';

/** Of a text so much goes into the document. */
const mostChars = 20_000;

/** What an audit found, whole: as the dashboard shows it. */
export type Found =
  | { readonly kind: 'rates'; readonly found: ErrorRates }
  | { readonly kind: 'agreement'; readonly found: Agreement }
  | { readonly kind: 'comparison'; readonly found: Comparison }
  | { readonly kind: 'probes'; readonly found: ProbeReport }
  | { readonly kind: 'rescore'; readonly found: Rescored };

/**
 * The file of `--out`: a path is taken as it is, a bare name goes to the folder `audits` beside the run store, where the
 * dashboard finds it.
 */
export function outFile(out: string, { store = defaultStorePath }: AuditFlags): string {
  const named = out.endsWith('.json') ? out : `${out}.json`;
  return basename(out) === out ? join(dirname(store), 'audits', named) : named;
}

export function writeDocument(path: string, document: AuditDocument): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(document, null, 1)}\n`);
}

/** The document of an audit of `file` under the flags; `ok`: it kept within its limits. */
export function auditDocument(
  file: string | undefined,
  flags: AuditFlags,
  what: Found,
  ok: boolean,
): AuditDocument {
  const [first, second] = flags.compare ?? [flags.reward, flags.second];
  return {
    assay: 'audit',
    version: 1,
    kind: what.kind,
    source: flags.rescore ?? flags.tasks ?? file ?? null,
    reward: first ?? null,
    second: second ?? null,
    ok,
    threshold: flags.accept ?? 0.5,
    rates: null,
    byCategory: {},
    byColumn: {},
    curve: [],
    disagreements: [],
    pair: null,
    probes: null,
    rescore: null,
    ...details(what, flags),
  };
}

type Details = Partial<AuditDocument> & Pick<AuditDocument, 'headline'>;

function details(what: Found, flags: AuditFlags): Details {
  switch (what.kind) {
    case 'rates':
      return ratesDetails(what.found);
    case 'agreement': {
      const { agreement, kappa, table, disagreements, n } = what.found;
      return {
        headline: `agreement ${percent(agreement.value)} of ${n}`,
        pair: {
          agreement: interval(agreement),
          kappa: finite(kappa),
          table: { ...table },
          first: null,
          second: null,
          difference: null,
          p: null,
        },
        disagreements: disagreements.map(apart),
      };
    }
    case 'comparison': {
      const { a, b, onlyA, onlyB, difference, p, disagreements } = what.found;
      return {
        headline: `accuracy ${percent(a.accuracy.value)} and ${percent(b.accuracy.value)}, p = ${p.toPrecision(3)}`,
        pair: {
          agreement: null,
          kappa: null,
          table: { onlyFirstRight: onlyA, onlySecondRight: onlyB },
          first: ratesOf(a),
          second: ratesOf(b),
          difference: interval(difference),
          p,
        },
        disagreements: disagreements.map(apart),
      };
    }
    case 'probes':
      return probeDetails(what.found, flags);
    case 'rescore': {
      const { changed, compared, samples } = what.found;
      return {
        headline: `${changed} of ${compared} rewards change, ${samples} samples`,
        rescore: rescoreReport(what.found, flags).json,
      };
    }
  }
}

function ratesDetails(found: ErrorRates): Details {
  const { accuracy, falsePositiveRate, falseNegativeRate } = found;
  const named = (rates: { readonly [name: string]: Rates }) =>
    Object.fromEntries(Object.entries(rates).map(([name, one]) => [name, ratesOf(one)]));
  return {
    headline: `accuracy ${percent(accuracy.value)}, false positives ${percent(falsePositiveRate.value)}, false negatives ${percent(falseNegativeRate.value)}`,
    rates: ratesOf(found),
    byCategory: named(found.byCategory),
    byColumn: named(found.byColumn),
    curve: found.curve.map((point) => ({
      threshold: point.threshold,
      falsePositiveRate: finite(point.falsePositiveRate),
      falseNegativeRate: finite(point.falseNegativeRate),
      accuracy: finite(point.accuracy),
    })),
    disagreements: found.disagreements.map(({ case: one, verdict, kind }) => ({
      ...caseOf(one),
      kind,
      first: reading(verdict),
      second: null,
    })),
  };
}

function probeDetails(
  { tasks, probes, falseAlarms }: ProbeReport,
  { maxAccept = 0.01 }: AuditFlags,
): Details {
  const shown = probes.map(({ name, family, accepted, noVerdict, examples }) => ({
    name,
    family,
    accepted: interval(accepted),
    noVerdict: { n: noVerdict.n, causes: { ...noVerdict.causes } },
    hole: accepted.value > maxAccept,
    examples: examples.map((one) => ({ ...one })),
  }));
  return {
    headline: `${shown.filter(({ hole }) => hole).length} of ${probes.length} probes get through, ${tasks} tasks`,
    probes: {
      tasks,
      limit: maxAccept,
      probes: shown,
      falseAlarms: falseAlarms ? interval(falseAlarms.rate) : null,
    },
  };
}

function caseOf({ id, line, column, category, label, sample }: Case) {
  const { prompt, answer } = sample.task;
  return {
    id,
    line,
    column,
    category: category ?? null,
    label: label ?? null,
    prompt: text(promptText(prompt)),
    completion: text(sample.turns.map((turn) => turn.completion.text).join('\n')),
    reference:
      answer === undefined
        ? null
        : (typeof answer === 'string' ? answer : JSON.stringify(answer)).slice(0, mostChars),
  };
}

function apart({ case: one, first, second }: Pair): AuditDocument['disagreements'][number] {
  return { ...caseOf(one), kind: 'apart', first: reading(first), second: reading(second) };
}

function reading({ value, cause, reason, answer }: Verdict) {
  return { value, cause: cause ?? null, reason: reason ?? null, answer: answer?.slice(0, mostChars) ?? null };
}

/** Cut by code points; the length is the whole one's. */
function text(whole: string) {
  const points = whole.length <= mostChars ? undefined : Array.from(whole.slice(0, 2 * mostChars));
  const length = [...whole].length;
  return { text: points ? points.slice(0, mostChars).join('') : whole, length, cut: length > mostChars };
}

function ratesOf({ n, accuracy, falsePositiveRate, falseNegativeRate, noVerdict, confusion }: Rates) {
  return {
    n,
    accuracy: interval(accuracy),
    falsePositiveRate: interval(falsePositiveRate),
    falseNegativeRate: interval(falseNegativeRate),
    noVerdict: { n: noVerdict.n, causes: { ...noVerdict.causes } },
    confusion: { ...confusion },
  };
}

function interval({ value, low, high, n }: Interval) {
  return { value: finite(value), low: finite(low), high: finite(high), n };
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
