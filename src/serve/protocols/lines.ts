import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream, at most `window` at a time and in order, as soon as there are some. Blank lines are left out; a
 * line over `limit` characters comes as an empty text, and the rest of it is not kept.
 */
export async function* readLines(
  stream: Readable,
  limit: number,
  window: number,
): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;
  const take = (text: string): string[] => {
    const pieces = (rest + text).split('\n');
    rest = pieces.pop()!;
    const lines: string[] = [];
    for (const piece of pieces) {
      if (skipping) {
        skipping = false;
        lines.push('');
      } else if (piece.length > limit) lines.push('');
      else if (piece.trim() !== '') lines.push(piece);
    }
    if (rest.length > limit) {
      skipping = true;
      rest = '';
    }
    return lines;
  };
  for await (const block of stream) {
    const lines = take(decoder.write(block as Buffer));
    for (let i = 0; i < lines.length; i += window) yield lines.slice(i, i + window);
  }
  const last = take(`${decoder.end()}\n`);
  if (last.length > 0) yield last;
}
