export * from './embedded/index.ts';
export { type NetworkOptions, network } from './network/index.ts';
export { type TabularOptions, tabular } from './tabular/index.ts';
export { characterTokenizer } from './tokenizer/character.ts';
export type { Tokenizer } from './tokenizer/tokenizer.ts';
