/** Rule-based rewards: pure, synchronous, fit for a browser. One file a reward, one folder a domain. */
export * from './answer-source.ts';
export * from './candidate.ts';
export * from './choice.ts';
export * from './countdown.ts';
export * from './exact.ts';
export * from './gsm8k.ts';
export * from './instructions/index.ts';
export * from './math/index.ts';
export * from './number.ts';
export * from './tag-format.ts';
export * from './text/index.ts';
