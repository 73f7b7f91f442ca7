/** A text in pieces: what is marked where, and characters that would be invisible or would turn the text around. */
import type { Sample, Verdict } from '../api.ts';

export interface Mark {
  /** UTF-16 code units, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Decides the colour. */
  readonly value: number | null;
  readonly title: string;
  readonly kind: 'credit' | 'span' | 'match' | 'answer';
}

export interface Segment {
  readonly text: string;
  readonly mark?: Mark;
  /** The piece is a control character, and this is its name. */
  readonly control?: string;
}

/** Code points to UTF-16 code units, for offsets that rise or fall; texts without surrogates cost nothing. */
export function unitOffsets(text: string): (codePoints: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (codePoints) => Math.min(codePoints, text.length);
  let points = 0;
  let units = 0;
  return (codePoints) => {
    if (codePoints < points) {
      points = 0;
      units = 0;
    }
    while (points < codePoints && units < text.length) {
      units += text.codePointAt(units)! > 0xffff ? 2 : 1;
      points++;
    }
    return units;
  };
}

/**
 * Controls but tab and line feed; marks of direction and other signs without a shape; halves of surrogate pairs. Joiners are left
 * alone between characters beyond ASCII, where scripts and emoji need them.
 */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|(?<![^\u0000-\u007f])[\u200c\u200d]|[\u200c\u200d](?![^\u0000-\u007f])|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const names: { readonly [code: number]: string } = {
  0: 'NUL',
  7: 'BEL',
  8: 'BS',
  13: 'CR',
  27: 'ESC',
  127: 'DEL',
  173: 'SHY',
  8203: 'ZWSP',
  8204: 'ZWNJ',
  8205: 'ZWJ',
  8206: 'LRM',
  8207: 'RLM',
  8234: 'LRE',
  8235: 'RLE',
  8236: 'PDF',
  8237: 'LRO',
  8238: 'RLO',
  8294: 'LRI',
  8295: 'RLI',
  8296: 'FSI',
  8297: 'PDI',
  65279: 'BOM',
};

/** The name of a character that cannot be seen. */
export function controlName(character: string): string {
  const code = character.codePointAt(0)!;
  return names[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The pieces of a text in order. Marks may overlap; where they do, the later one of the list is shown. */
export function segments(text: string, marks: readonly Mark[]): Segment[] {
  const cuts = new Set([0, text.length]);
  for (const { start, end } of marks) {
    if (start > 0 && start < text.length) cuts.add(start);
    if (end > 0 && end < text.length) cuts.add(end);
  }
  const places = [...cuts].sort((a, b) => a - b);
  const starting = [...marks.entries()].sort(([, a], [, b]) => a.start - b.start);
  const open = new Map<number, Mark>();
  let next = 0;
  const out: Segment[] = [];
  for (let i = 0; i + 1 < places.length; i++) {
    const [from, to] = [places[i]!, places[i + 1]!];
    while (next < starting.length && starting[next]![1].start <= from) {
      const [order, mark] = starting[next++]!;
      open.set(order, mark);
    }
    let shown = -1;
    for (const [order, mark] of open) {
      if (mark.end <= from) open.delete(order);
      else if (order > shown) shown = order;
    }
    out.push(...visible(text.slice(from, to), shown < 0 ? undefined : open.get(shown)));
  }
  return out;
}

function visible(text: string, mark: Mark | undefined): Segment[] {
  const out: Segment[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(unseen)) {
    if (index > at) out.push({ text: text.slice(at, index), mark });
    out.push({ text: found, mark, control: controlName(found) });
    at = index + found.length;
  }
  if (at < text.length) out.push({ text: text.slice(at), mark });
  return out;
}

/** What a sample's text can be coloured by: `credit:TERM`, `span:PART`, or nothing. */
export function colourings(samples: readonly Sample[]): string[] {
  const found = new Set<string>();
  for (const { turns, verdict } of samples) {
    for (const { credit } of turns) for (const term of Object.keys(credit ?? {})) found.add(`credit:${term}`);
    for (const { part } of spansOf(verdict)) found.add(`span:${part}`);
  }
  return [...found].sort();
}

/** The spans of a verdict and of all its parts. */
function spansOf(verdict: Verdict | null | undefined): NonNullable<Verdict['spans']> {
  if (!verdict) return [];
  return [...(verdict.spans ?? []), ...Object.values(verdict.parts ?? {}).flatMap(spansOf)];
}

/** The marks of one turn of a sample under a colouring. */
export function marksOf(sample: Sample, turn: number, colouring: string): Mark[] {
  const { completion, credit } = sample.turns[turn]!;
  const units = unitOffsets(completion.text);
  const [kind, name] = [
    colouring.slice(0, colouring.indexOf(':')),
    colouring.slice(colouring.indexOf(':') + 1),
  ];
  const out: Mark[] = [];
  if (kind === 'credit') {
    const own = credit?.[name];
    if (own?.by === 'text')
      own.at.forEach(([offset, value], i) => {
        const end = own.at[i + 1]?.[0];
        out.push({
          start: units(offset),
          end: end === undefined ? completion.text.length : units(end),
          value,
          title: `advantage ${value === null ? 'unknown' : value.toFixed(3)}`,
          kind: 'credit',
        });
      });
  }
  if (kind === 'span')
    for (const span of spansOf(sample.verdict))
      if (span.part === name && (span.turn ?? 0) === turn)
        out.push({
          start: units(span.start),
          end: units(span.end),
          value: span.value,
          title: `${span.part} ${span.value === null ? 'no verdict' : span.value} ${span.at === 'end' ? 'at its end' : 'on each token'}`,
          kind: 'span',
        });
  const answer = sample.verdict?.at;
  if (colouring === '' && answer && turn === sample.turns.length - 1)
    out.push({
      start: units(answer.start),
      end: units(answer.end),
      value: null,
      title: 'the answer was read here',
      kind: 'answer',
    });
  return out;
}

/** The largest value of a colouring in these samples: full colour. */
export function largest(samples: readonly Sample[], colouring: string): number {
  let most = 0;
  for (const sample of samples)
    for (let t = 0; t < sample.turns.length; t++)
      for (const { value } of marksOf(sample, t, colouring)) most = Math.max(most, Math.abs(value ?? 0));
  return most || 1;
}
