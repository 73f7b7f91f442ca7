import type { Tokenizer } from './tokenizer.ts';
import { decodeUtf8, encodeUtf8, utf16Starts } from './utf8.ts';

const unknown = encodeUtf8('\ufffd');

/** The half of a byte-level tokenizer that needs only each token's bytes; the end token is the last id and has none. */
export function fromPieces(pieces: readonly Uint8Array[]): Omit<Tokenizer, 'encode'> {
  const end = pieces.length;
  const none = new Uint8Array(0);
  const bytesOf = (token: number) => (token === end ? none : (pieces[token] ?? unknown));
  const join = (tokens: ArrayLike<number>) => {
    let length = 0;
    for (let i = 0; i < tokens.length; i++) length += bytesOf(tokens[i]!).length;
    const joined = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < tokens.length; i++) {
      const piece = bytesOf(tokens[i]!);
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  };
  return {
    size: end + 1,
    end,
    decode: (tokens) => decodeUtf8(join(tokens)),
    offsets(tokens) {
      const starts = utf16Starts(join(tokens));
      const offsets = new Int32Array(tokens.length);
      let at = 0;
      for (let i = 0; i < tokens.length; i++) {
        offsets[i] = starts[at]!;
        at += bytesOf(tokens[i]!).length;
      }
      return offsets;
    },
    bytes: bytesOf,
  };
}
