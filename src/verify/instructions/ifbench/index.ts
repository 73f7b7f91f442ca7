import type { Constraint } from '../constraint.ts';
import { counts } from './count.ts';
import { csv } from './csv.ts';
import { custom } from './custom.ts';
import { format } from './format.ts';
import { lists } from './lists.ts';
import { positions } from './positions.ts';
import { ratios } from './ratio.ts';
import { repeats } from './repeat.ts';
import { sentence } from './sentence.ts';
import { words } from './words.ts';

/** The 58 types of IFBench (Pyatkin et al. 2025, allenai/IFBench 0.2.0). */
export const ifbench: readonly Constraint[] = [
  ...counts,
  ...ratios,
  ...words,
  ...positions,
  ...sentence,
  ...format,
  ...lists,
  ...custom,
  ...csv,
  ...repeats,
];
