import { InputError } from '../../core/errors.ts';
import type { Tokenizer } from './tokenizer.ts';

const encoder = new TextEncoder();

/**
 * One token an entry, in order; text is cut greedily into the longest entries that match. For closed languages such as
 * arithmetic, where `12` should be one token and not two. Throws InputError when there is no entry, an empty one or the
 * same one twice; the end token comes after the entries.
 */
export function vocabularyTokenizer(entries: readonly string[]): Tokenizer {
  const ids = new Map(entries.map((entry, id) => [entry, id]));
  if (entries.length === 0) throw new InputError('a vocabulary tokenizer needs one entry or more');
  if (ids.has('')) throw new InputError('the vocabulary has an empty entry');
  if (ids.size < entries.length) {
    const twice = entries.find((entry, id) => ids.get(entry) !== id)!;
    throw new InputError(`the vocabulary has ${JSON.stringify(twice)} twice`);
  }
  const longest = entries.reduce((most, { length }) => Math.max(most, length), 0);
  const end = entries.length;
  const pieces = [...entries, ''];
  const bytes = pieces.map((piece) => encoder.encode(piece));
  return {
    size: end + 1,
    end,
    encode(text) {
      const tokens = new Int32Array(text.length);
      let count = 0;
      for (let at = 0; at < text.length; ) {
        let length = Math.min(longest, text.length - at);
        let id: number | undefined;
        for (; length > 0; length--) {
          id = ids.get(text.slice(at, at + length));
          if (id !== undefined) break;
        }
        if (id === undefined)
          throw new InputError(
            `no entry of the engine's vocabulary starts ${JSON.stringify(text.slice(at, at + 20))}`,
          );
        tokens[count++] = id;
        at += length;
      }
      return tokens.slice(0, count);
    },
    decode(tokens) {
      let text = '';
      for (let i = 0; i < tokens.length; i++) text += pieces[tokens[i]!] ?? '\ufffd';
      return text;
    },
    offsets(tokens) {
      const offsets = new Int32Array(tokens.length);
      let at = 0;
      for (let i = 0; i < tokens.length; i++) {
        offsets[i] = at;
        at += (pieces[tokens[i]!] ?? '\ufffd').length;
      }
      return offsets;
    },
    bytes: (token) => bytes[token] ?? encoder.encode('\ufffd'),
  };
}
