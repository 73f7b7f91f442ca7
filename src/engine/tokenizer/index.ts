export { bpeTokenizer, type Merges } from './bpe.ts';
export { byteTokenizer } from './byte.ts';
export { characterTokenizer } from './character.ts';
export { alphabetOf, createTokenizer, type TokenizerSpec } from './spec.ts';
export type { Tokenizer } from './tokenizer.ts';
export { type BpeTraining, trainBpe } from './train-bpe.ts';
