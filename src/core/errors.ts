/** An input or usage error: one line that names file, line and field. The command line prints it and exits with code 2. */
export class InputError extends Error {
  readonly where: { readonly file?: string; readonly line?: number; readonly field?: string };

  constructor(message: string, where: { file?: string; line?: number; field?: string } = {}) {
    const place = [
      where.file,
      where.line === undefined ? undefined : `line ${where.line}`,
      where.field === undefined ? undefined : `field '${where.field}'`,
    ].filter((part) => part !== undefined);
    super(place.length > 0 ? `${place.join(', ')}: ${message}` : message);
    this.name = 'InputError';
    this.where = where;
  }
}

/** What a recipe or caller asks for and this engine, reward or platform does not have. */
export class UnsupportedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsupportedError';
  }
}

/** One line for a person, whatever was thrown. Control characters and line breaks are folded away. */
export function oneLine(thrown: unknown, limit = 300): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  const folded = text
    .slice(0, 4 * limit)
    .replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')
    .trim();
  return folded.length > limit ? `${folded.slice(0, limit - 1)}…` : folded;
}
