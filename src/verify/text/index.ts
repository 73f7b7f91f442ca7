export { bleu, gleu } from './bleu.ts';
export { anls, indelRatio, levenshtein, sequenceRatio } from './edit-similarity.ts';
export { cer, wer } from './error-rate.ts';
export { contains, qa } from './qa/index.ts';
export { rouge } from './rouge.ts';
