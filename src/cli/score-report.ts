import type { NoVerdictCount } from '../core/index.ts';
import type { Fields } from '../dataset/read/index.ts';

/** What a run of `score` adds up. */
export interface Totals {
  rows: number;
  scored: number;
  sum: number;
  readonly noVerdict: NoVerdictCount;
  seconds: number;
  fields?: Fields;
}

/** The fields that were read, by role. */
function fieldNames({ fields }: Totals): { [role: string]: string } {
  const names: { [role: string]: string } = {};
  for (const role of ['prompt', 'completion', 'answer', 'id', 'tokens'] as const) {
    const name = fields?.[role]?.name;
    if (name !== undefined) names[role] = name;
  }
  return names;
}

/** The document of `--json`. */
export function toJson(totals: Totals) {
  const { rows, scored, sum, noVerdict, seconds } = totals;
  return {
    rows,
    scored,
    noVerdict: { n: noVerdict.n, causes: { ...noVerdict.causes } },
    mean: scored > 0 ? sum / scored : null,
    seconds,
    rowsPerSecond: rows / seconds,
    fields: fieldNames(totals),
  };
}

/** What a person reads. */
export function summary(
  totals: Totals,
  { out, reward }: { readonly out?: string; readonly reward: string },
): string {
  const { rows, scored, sum, noVerdict, seconds } = totals;
  const used = Object.entries(fieldNames(totals)).map(([role, name]) =>
    role === name ? name : `${role} = ${name}`,
  );
  const causes = Object.entries(noVerdict.causes).map(([cause, n]) => `${n} ${cause}`);
  return [
    `${reward}: mean ${scored > 0 ? Number((sum / scored).toPrecision(6)) : 'none'} over ${scored} completions`,
    `${rows} rows in ${seconds.toFixed(2)} s, ${Math.round(rows / seconds)} rows/s`,
    `fields: ${used.join(', ')}`,
    ...(noVerdict.n > 0 ? [`no verdict on ${noVerdict.n}: ${causes.join(', ')}`] : []),
    ...(out === undefined ? [] : [`written to ${out}`]),
  ].join('\n');
}
