export { bleu, gleu } from './bleu.ts';
export { anls, indelRatio, levenshtein, sequenceRatio } from './editSimilarity.ts';
export { cer, wer } from './errorRate.ts';
export { contains, qa } from './qa/index.ts';
export { rouge } from './rouge.ts';
