/** A short quotation for a reason: one line, at most `limit` characters. It does not keep the whole text in memory. */
export function quote(text: string, limit = 60): string {
  const short = text.slice(0, 2 * limit).replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
  return `'${detach(short.length > limit || text.length > 2 * limit ? `${cut(short, limit - 1)}…` : short)}'`;
}

/** At most `limit` units, without half a surrogate pair at the end. */
function cut(text: string, limit: number): string {
  const unit = text.charCodeAt(limit - 1);
  return text.slice(0, unit >= 0xd800 && unit < 0xdc00 ? limit - 1 : limit);
}

/**
 * The same text in memory of its own. A slice of a string keeps the whole string alive, and verdicts outlive the
 * completions that they quote.
 */
export function detach(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
