export { builtin as builtinConstraints } from './catalogue.ts';
export { type Conflict, conflicts } from './conflicts.ts';
export { type Constraint, constraint, type Outcome } from './constraint.ts';
export { type PromptClass, type PromptClassOptions, promptClasses } from './difficulty.ts';
export { evaluate as evaluateInstructions, type Instruction, type Mode } from './evaluate.ts';
export {
  type GeneratedPrompt,
  type GenerateOptions,
  generatedIds,
  generateInstructions,
} from './generate/generate.ts';
export { ifbench } from './ifbench/index.ts';
export { ifeval } from './ifeval/index.ts';
export { instructions } from './instructions.ts';
export { detectLanguage } from './language.ts';
export { type DenseScore, type EnglishFields, englishFields, englishScore } from './light-if.ts';
export { type ChineseFields, chineseFields, chineseScore } from './light-if-chinese.ts';
export { lightIf } from './light-if-reward.ts';
export { type InstructionRow, readInstructions } from './rows.ts';
export { splitSentences as punktSentences } from './sentences.ts';
export { tinyConstraints } from './tiny.ts';
export { tokenize as treebankTokens } from './tokens.ts';
