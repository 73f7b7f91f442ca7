import { type Found, trimmed } from './found.ts';

export interface VisibleAnswerOptions {
  /** What ends the thinking. Default `</think>`. */
  readonly after?: string;
  /** Which of several counts. Default 'last'. rlmt reads after the first. */
  readonly which?: 'first' | 'last';
  /** What opens the thinking. A text that opens it and never ends it is malformed. Default `<think>`. */
  readonly opening?: string;
  /** What ends the answer itself (rlmt's `</response>`); the answer stops before it. */
  readonly until?: string;
  /** 'malformed': without the delimiter there is no answer. 'whole': then the whole text is the answer. Default 'whole'. */
  readonly missing?: 'malformed' | 'whole';
}

/** What a reader sees after the thinking, without blanks around it; undefined when the text is malformed. */
export function visibleAnswer(text: string, options: VisibleAnswerOptions = {}): Found | undefined {
  const { after = '</think>', which = 'last', opening = '<think>', until, missing = 'whole' } = options;
  const at = which === 'last' ? text.lastIndexOf(after) : text.indexOf(after);
  if (at < 0 && (missing === 'malformed' || text.includes(opening))) return undefined;
  const start = at < 0 ? 0 : at + after.length;
  // Thinking that was opened again after the delimiter was never ended.
  if (at >= 0 && which === 'last' && text.indexOf(opening, start) >= 0) return undefined;
  const end = until === undefined ? text.length : text.indexOf(until, start);
  if (end < 0) return missing === 'malformed' ? undefined : trimmed(text, start, text.length);
  return trimmed(text, start, end);
}
