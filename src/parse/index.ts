/** Text → value and span, or not found. Never throws; time is linear in the text. */

export * from './answer-ladder.ts';
export * from './boxed.ts';
export * from './choice-letter.ts';
export * from './content-guard.ts';
export * from './fences.ts';
export * from './found.ts';
export * from './json-in.ts';
export * from './judge-score.ts';
export * from './label-list.ts';
export * from './marked-line.ts';
export * from './numbers.ts';
export * from './quote.ts';
export * from './stated-number.ts';
export * from './tag-layout.ts';
export * from './tags.ts';
export * from './text-normalize.ts';
export * from './tokenize-text.ts';
export * from './tool-call.ts';
export * from './visible-answer.ts';
