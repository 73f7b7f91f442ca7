import type { Constraint } from '../constraint.ts';
import { letterCase } from './case.ts';
import { combination } from './combination.ts';
import { content } from './content.ts';
import { format } from './format.ts';
import { keywords } from './keywords.ts';
import { language } from './language.ts';
import { length } from './length.ts';
import { punctuationMarks } from './punctuation.ts';
import { startend } from './startend.ts';

/** The 25 types of IFEval (Zhou et al. 2023, google-research instruction_following_eval). */
export const ifeval: readonly Constraint[] = [
  ...keywords,
  ...language,
  ...length,
  ...content,
  ...format,
  ...combination,
  ...startend,
  ...letterCase,
  ...punctuationMarks,
];
