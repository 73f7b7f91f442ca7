/** Text to token ids and back. Every tokenizer has one token that means nothing but the end of a text. */
export interface Tokenizer {
  /** How many token ids there are, the end token included. Ids are 0 to size - 1. */
  readonly size: number;
  /** The id of the end token; it has no text. */
  readonly end: number;
  /** The tokens of a text, without the end token. Throws InputError naming a character that it cannot say. */
  encode(text: string): Int32Array;
  /** The text of tokens; the end token adds nothing. Bytes that are no UTF-8 become U+FFFD. Never throws. */
  decode(tokens: ArrayLike<number>): string;
  /** Per token, where its text starts in `decode(tokens)`: UTF-16 code units. */
  offsets(tokens: ArrayLike<number>): Int32Array;
  /** The UTF-8 bytes of one token (none for the end token). */
  bytes(token: number): Uint8Array;
}
