import { InputError } from '../../core/errors.ts';
import type { Tokenizer } from './tokenizer.ts';
import { vocabularyTokenizer } from './vocabulary.ts';

/**
 * One token a character (code point) of the alphabet, in the alphabet's order; the end token comes after them.
 * Throws InputError when the alphabet is empty or says a character twice.
 */
export function characterTokenizer(alphabet: string): Tokenizer {
  const characters = [...alphabet];
  const known = new Set(characters);
  if (characters.length === 0) throw new InputError('a character tokenizer needs an alphabet of one or more');
  if (known.size < characters.length) {
    const twice = characters.find((character, id) => characters.indexOf(character) !== id)!;
    throw new InputError(`the alphabet has ${JSON.stringify(twice)} twice`);
  }
  const tokenizer = vocabularyTokenizer(characters);
  return {
    ...tokenizer,
    encode(text) {
      // A character is named as such: greedy matching would show the text from there on.
      for (const character of text)
        if (!known.has(character))
          throw new InputError(
            `the character ${JSON.stringify(character)} is not in the engine's alphabet (${known.size} characters)`,
          );
      return tokenizer.encode(text);
    },
  };
}
