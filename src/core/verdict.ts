/**
 * Why there is no verdict. Each is the fault of the verifier's side: the reference answer, the judge, the outer clock,
 * a crash of the checker, a question the checker does not support, or too much load.
 */
export const causes = ['reference', 'judge', 'timeout', 'crash', 'unsupported', 'overload'] as const;
export type Cause = (typeof causes)[number];

/** A piece of the completion that carries its own value, for step and token credit. */
export interface Span {
  /** UTF-16 code units into the turn's completion text, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly value: number | null;
  /** The channel: outcome, format, gain … */
  readonly part: string;
  /** Which turn; 0 when left out. */
  readonly turn?: number;
  /** The value lands on the last token of the span, or on each of its tokens. */
  readonly at: 'end' | 'each';
}

/**
 * A reward's answer about one sample. `value: null` is *no verdict*, and then `cause` says why. Blame decides which: what
 * the candidate caused deterministically is a value (the reward's minimum) with a reason; what the verifier, judge,
 * machine or reference caused is no verdict. So a policy cannot flee a penalty by breaking its checker, and a broken
 * checker never becomes a wrong answer.
 */
export interface Verdict {
  readonly value: number | null;
  readonly cause?: Cause;
  /** One line that a person can read. */
  readonly reason?: string;
  /** Named sub-verdicts, always kept. */
  readonly parts?: { readonly [name: string]: Verdict };
  readonly spans?: readonly Span[];
  /** The candidate's answer in canonical form: equal strings are equal answers. */
  readonly answer?: string;
  /** Where in the completion the answer was read, UTF-16 code units, end exclusive. */
  readonly at?: { readonly start: number; readonly end: number };
  /** In [0, 1]. */
  readonly confidence?: number;
  /** The reward that said so. */
  readonly reward?: string;
  readonly version?: string;
}

/** What may stand beside the value of a verdict. */
export type VerdictDetails = Omit<Verdict, 'value' | 'cause' | 'reason'>;

/** A verdict with a value. Throws on NaN and infinities: they would poison every mean after it. */
export function verdict(value: number, reason?: string, details?: VerdictDetails): Verdict {
  if (!Number.isFinite(value)) throw new RangeError(`a verdict's value must be finite, not ${value}`);
  return reason === undefined ? { ...details, value } : { ...details, value, reason };
}

/** No verdict, and whose fault that is. */
export function noVerdict(cause: Cause, reason: string, details?: VerdictDetails): Verdict {
  return { ...details, value: null, cause, reason };
}

/** True where nothing was said about a sample: a verdict without a value, or none at all. */
export function isNoVerdict(of: Pick<Verdict, 'value'> | undefined): boolean {
  return of?.value == null;
}

/** The shape that crosses a wire or a file: `reward` instead of `value`, offsets in code points. */
export interface WireVerdict {
  readonly reward: number | null;
  readonly cause?: Cause;
  readonly reason?: string;
  readonly parts?: { readonly [name: string]: WireVerdict };
  readonly spans?: readonly Span[];
  readonly answer?: string;
  readonly confidence?: number;
}

/**
 * The wire shape of a verdict. `texts` are the completion texts by turn; they are needed only to turn the offsets of
 * spans into code points.
 */
export function toWire(from: Verdict, texts: readonly string[] = []): WireVerdict {
  const { value, cause, reason, parts, spans, answer, confidence } = from;
  const out: { -readonly [K in keyof WireVerdict]: WireVerdict[K] } = { reward: value };
  if (cause !== undefined) out.cause = cause;
  if (reason !== undefined) out.reason = reason;
  if (parts !== undefined) {
    const wire: Record<string, WireVerdict> = Object.create(null);
    for (const name of Object.keys(parts)) wire[name] = toWire(parts[name]!, texts);
    out.parts = wire;
  }
  if (spans !== undefined)
    out.spans = spans.map((span) => {
      const text = texts[span.turn ?? 0] ?? '';
      return { ...span, start: codePoints(text, span.start), end: codePoints(text, span.end) };
    });
  if (answer !== undefined) out.answer = answer;
  if (confidence !== undefined) out.confidence = confidence;
  return out;
}

/** How many code points the first `units` UTF-16 code units of a text make. */
export function codePoints(text: string, units: number): number {
  const end = Math.min(units, text.length);
  let count = 0;
  for (let i = 0; i < end; i++, count++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < end) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) i++;
    }
  }
  return count;
}

/** What a plain function may return in place of a verdict. */
export type VerdictLike = Verdict | number | boolean;

/** A number, boolean or verdict as a verdict; anything else is the checker's fault (`crash`). */
export function asVerdict(from: unknown): Verdict {
  if (typeof from === 'boolean') return { value: from ? 1 : 0 };
  if (typeof from === 'number')
    return Number.isFinite(from) ? { value: from } : noVerdict('crash', `the reward returned ${from}`);
  if (typeof from === 'object' && from !== null && 'value' in from) {
    const candidate = from as Verdict;
    if (candidate.value === null)
      return causes.includes(candidate.cause as Cause)
        ? candidate
        : {
            ...candidate,
            cause: 'crash',
            reason: candidate.reason ?? 'the reward gave no verdict and no cause',
          };
    if (typeof candidate.value === 'number' && Number.isFinite(candidate.value))
      return withSoundParts(candidate);
  }
  return noVerdict(
    'crash',
    `the reward returned ${describeReturn(from)}, expected a number, boolean or verdict`,
  );
}

/** A part whose value is no number would poison every mean of that part: it is no verdict (`crash`) instead. */
function withSoundParts(from: Verdict): Verdict {
  const { parts } = from;
  if (parts === undefined || parts === null) return from;
  const isSound = (part: Verdict | undefined) =>
    part != null && (part.value === null || Number.isFinite(part.value));
  const names = Object.keys(parts);
  if (names.every((name) => isSound(parts[name]))) return from;
  const kept: Record<string, Verdict> = Object.create(null);
  for (const name of names)
    kept[name] = isSound(parts[name])
      ? parts[name]!
      : noVerdict('crash', `the part '${name.slice(0, 80)}' has no finite value`);
  return { ...from, parts: kept };
}

function describeReturn(from: unknown): string {
  if (from === null || from === undefined) return String(from);
  if (typeof from === 'object' && 'value' in from) return `a verdict whose value is ${String(from.value)}`;
  return `a ${typeof from}`;
}

/** Counts of no-verdicts by cause: the `noVerdict` of every `--json` document. */
export interface NoVerdictCount {
  n: number;
  causes: { [cause in Cause]?: number };
}

export function countNoVerdict(counts: NoVerdictCount, of: Pick<Verdict, 'value' | 'cause'>): void {
  if (of.value !== null) return;
  counts.n++;
  const cause = of.cause ?? 'crash';
  counts.causes[cause] = (counts.causes[cause] ?? 0) + 1;
}
