import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, contentHash, describe, type Json } from '../core/index.ts';
import {
  type JobLog,
  jobKey,
  jobLine,
  jobOfKey,
  type Recipe,
  readJobLines,
  type Study,
} from '../train/index.ts';

/**
 * The log of a reproduction under way, one line a job, in a file named by the recipe's content: another recipe, or one that
 * was changed or varied, does not find it. What changed in Assay itself is not noticed.
 */
export function openLog(folder: string, what: Recipe | Study, resume: boolean): JobLog {
  const key = contentHash(canonicalJson(describe(what.options) as Json)).slice(0, 12);
  const file = join(folder, `${what.name}-${key}.jsonl`);
  mkdirSync(folder, { recursive: true });
  let done: ReturnType<typeof readJobLines> = new Map();
  if (resume)
    try {
      done = readJobLines(readFileSync(file, 'utf8'));
    } catch {
      // There is none: nothing was done yet.
    }
  else rmSync(file, { force: true });
  // A last line that a kill cut short must not run into the next one.
  if (done.size > 0)
    writeFileSync(file, [...done].map(([key, outcome]) => jobLine(jobOfKey(key), outcome)).join(''));
  return {
    get: (job) => done.get(jobKey(job)),
    add: (job, outcome) => appendFileSync(file, jobLine(job, outcome)),
  };
}
