import { InputError } from '../../core/errors.ts';
import type { Tokenizer } from './tokenizer.ts';

const encoder = new TextEncoder();

/**
 * One token a character (code point) of the alphabet, in the alphabet's order; the end token comes after them.
 * Throws InputError when the alphabet is empty or says a character twice.
 */
export function characterTokenizer(alphabet: string): Tokenizer {
  const characters = [...alphabet];
  const ids = new Map(characters.map((character, id) => [character, id]));
  if (characters.length === 0) throw new InputError('a character tokenizer needs an alphabet of one or more');
  if (ids.size < characters.length) {
    const twice = characters.find((character, id) => ids.get(character) !== id)!;
    throw new InputError(`the alphabet has ${JSON.stringify(twice)} twice`);
  }
  const end = characters.length;
  const pieces = [...characters, ''];
  const bytes = pieces.map((piece) => encoder.encode(piece));
  return {
    size: end + 1,
    end,
    encode(text) {
      const tokens = new Int32Array(text.length);
      let length = 0;
      for (const character of text) {
        const id = ids.get(character);
        if (id === undefined)
          throw new InputError(
            `the character ${JSON.stringify(character)} is not in the engine's alphabet (${end} characters)`,
          );
        tokens[length++] = id;
      }
      return tokens.slice(0, length);
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
