import { textNormalize } from './text-normalize.ts';

/**
 * The label that a whole text is, of a closed set: case, quotes, a final full stop and markup around it do not count, parts
 * of a longer text do (labels nest: 'sport' in 'transport'). Undefined when it is none of them.
 */
export function oneLabel(text: string, labels: readonly string[]): string | undefined {
  const said = labelForm(text);
  return labels.find((label) => labelForm(label) === said);
}

/** The form in which two labels are compared. */
export function labelForm(text: string): string {
  return textNormalize(text.slice(0, 1000).replace(/^[\s"'`*_([{<-]+|[\s"'`*_)\]}>.,;:!-]+$/g, ''), 'lower');
}

/**
 * The labels that a text lists, in order, in any of the usual layouts: JSON (a list, or an object with `labels`), a
 * bracketed list with either quotes, one a line with bullets or numbers, `<label>` elements, or with commas, semicolons,
 * tabs or pipes between them (search-gen-v). What is in no label is kept as it stands: the caller decides. Never evaluates.
 */
export function labelList(text: string): string[] {
  const body = text.trim().slice(0, 100_000);
  if (body === '') return [];
  const elements = [...body.matchAll(/<label>([^<]{0,1000})<\/label>/gi)].map((match) => match[1]!);
  if (elements.length > 0) return cleaned(elements);
  const parsed = fromJson(body);
  if (parsed !== undefined) return cleaned(parsed);
  const inner = /^\[([^[\]]*)\]$/.exec(body)?.[1];
  if (inner !== undefined) return cleaned(inner.split(','));
  const lines = body.split(/\r\n|[\n\r]/).filter((line) => line.trim() !== '');
  const pieces = lines.flatMap((line) => line.replace(/^\s*(?:[-*•+]|\d{1,4}[.)])\s+/, '').split(/[,;\t|]/));
  return cleaned(pieces);
}

function fromJson(body: string): string[] | undefined {
  if (!/^[[{]/.test(body)) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    const list = Array.isArray(value) ? value : (value as { labels?: unknown } | null)?.labels;
    return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

function cleaned(pieces: readonly string[]): string[] {
  return pieces.map(labelForm).filter((piece) => piece !== '');
}
