import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream, at most `window` at a time and in order, as soon as there are some. Blank lines are left out; a
 * line over `limit` characters comes as an empty text, and no more of it than that is ever kept.
 */
export async function* readLines(
  stream: Readable,
  limit: number,
  window: number,
): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let length = 0;
  const add = (piece: string) => {
    length += piece.length;
    if (length > limit) pieces = [];
    else pieces.push(piece);
  };
  /** Ends the line that was added to so far. */
  const end = (lines: string[]) => {
    const line = pieces.join('');
    if (length > limit || line.trim() !== '') lines.push(line);
    pieces = [];
    length = 0;
  };
  const take = (text: string): string[] => {
    const lines: string[] = [];
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
      add(text.slice(start, at));
      end(lines);
      start = at + 1;
    }
    if (start < text.length) add(text.slice(start));
    return lines;
  };
  for await (const block of stream) {
    const lines = take(decoder.write(block as Buffer));
    for (let i = 0; i < lines.length; i += window) yield lines.slice(i, i + window);
  }
  const last = take(`${decoder.end()}\n`);
  if (last.length > 0) yield last;
}
