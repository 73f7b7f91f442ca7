import { InputError } from '../../core/errors.ts';
import { bpeTokenizer, type Merges } from './bpe.ts';
import { byteTokenizer } from './byte.ts';
import { characterTokenizer } from './character.ts';
import type { Tokenizer } from './tokenizer.ts';
import { vocabularyTokenizer } from './vocabulary.ts';

/** A tokenizer as a value: what a recipe says and what is saved beside the weights. */
export type TokenizerSpec =
  | { readonly kind: 'character'; readonly alphabet: string }
  | { readonly kind: 'vocabulary'; readonly entries: readonly string[] }
  | { readonly kind: 'byte' }
  | { readonly kind: 'bpe'; readonly merges: Merges };

/** The tokenizer of a spec. Whatever came from a file is checked: InputError names the field. */
export function createTokenizer(spec: TokenizerSpec): Tokenizer {
  const { kind } = (spec ?? {}) as { kind?: unknown };
  if (spec?.kind === 'character') {
    if (typeof spec.alphabet !== 'string') throw new InputError('must be a string', { field: 'alphabet' });
    return characterTokenizer(spec.alphabet);
  }
  if (spec?.kind === 'vocabulary') {
    if (!Array.isArray(spec.entries) || spec.entries.some((entry) => typeof entry !== 'string'))
      throw new InputError('must be a list of strings', { field: 'entries' });
    return vocabularyTokenizer(spec.entries);
  }
  if (spec?.kind === 'byte') return byteTokenizer();
  if (spec?.kind === 'bpe') return bpeTokenizer(spec.merges);
  throw new InputError(`must be character, vocabulary, byte or bpe, not ${JSON.stringify(kind)}`, {
    field: 'kind',
  });
}

/** The characters of texts in code point order: an alphabet that can say them all. */
export function alphabetOf(texts: Iterable<string>): string {
  const characters = new Set<string>();
  for (const text of texts) for (const character of text) characters.add(character);
  return [...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!).join('');
}
