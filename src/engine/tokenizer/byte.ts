import { fromPieces } from './pieces.ts';
import type { Tokenizer } from './tokenizer.ts';
import { encodeUtf8 } from './utf8.ts';

/**
 * One token a UTF-8 byte; its id is the byte, the end token is 256. It can say every text but a lone surrogate, which is
 * encoded as U+FFFD: `decode(encode(text))` is `text.toWellFormed()`.
 */
export function byteTokenizer(): Tokenizer {
  return {
    ...fromPieces(Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))),
    encode: (text) => Int32Array.from(encodeUtf8(text)),
  };
}
