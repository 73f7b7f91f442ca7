import type { Cause } from '../../core/index.ts';
import type { Progress } from './journal.ts';

/** Counts the outcome of a sample in the totals of a run, or takes it back. */
export function tally(progress: Progress, outcome: number | Cause, times: 1 | -1): void {
  if (typeof outcome === 'number') {
    progress.scored += times;
    progress.sum += times * outcome;
    return;
  }
  const n = (progress.causes[outcome] ?? 0) + times;
  if (n === 0) delete progress.causes[outcome];
  else progress.causes[outcome] = n;
}
