export { canonicalAnswer } from './canonical-answer.ts';
export { type Extracted, type Extraction, extractAnswer } from './extract.ts';
export { type Judgement, judge } from './judge.ts';
export { math, mathVersion, scoreMath } from './math.ts';
export { type MathOptions, mathOptions } from './options.ts';
