import { describe, type Json } from '../core/index.ts';
import type { ReproductionRecord } from '../store/index.ts';

/** What the store has of reproductions: as JSON, and in a line each for a person. */
export function reproductionList(records: readonly ReproductionRecord[]): { json: Json; text: string } {
  const rows = records.map(({ result, standing, ...record }) => {
    const { holds } = (result ?? {}) as { readonly holds?: boolean };
    return { ...record, status: standing, holds: standing === 'finished' ? holds : undefined };
  });
  const cells = rows.map(({ id, status, holds, jobs, done, seeds, variations, seconds, updated }) => [
    id,
    status === 'finished' ? (holds ? 'holds' : 'does not hold') : `${status}, ${done} of ${jobs} jobs`,
    [`seeds ${seeds.join(' ')}`, ...variations].join(', '),
    `${Math.round(seconds)} s`,
    new Date(updated).toISOString().slice(0, 16).replace('T', ' '),
  ]);
  const widths = [0, 1, 2, 3, 4].map((c) => Math.max(...cells.map((row) => row[c]!.length)));
  const lines = cells.map((row) => row.map((cell, c) => cell.padEnd(widths[c]!)).join('  '));
  return { json: describe(rows), text: lines.join('\n') || 'nothing was reproduced yet' };
}
