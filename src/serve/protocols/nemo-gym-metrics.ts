import type { Json } from '../../core/index.ts';
import type { Row } from './nemo-gym-rows.ts';

/** The reply of `/aggregate_metrics`: flat names, such as `mean/reward`. */
export interface AggregateMetrics {
  readonly group_level_metrics: readonly Row[];
  readonly agent_metrics: Row;
  readonly key_metrics: Row;
}

/**
 * Mean, max, min, median and standard deviation (n − 1; 0 for one row) of every numeric field, over all rows and by task,
 * after nemo_gym/reward_profile.py. Rows that failed (`_ng_failure_class`) say nothing and are left out; how many there
 * were is `no_verdict` of the agent's metrics. The original's histograms are left out.
 */
export function aggregateMetrics(responses: readonly Row[]): AggregateMetrics {
  const kept = responses.filter((row) => row._ng_failure_class === undefined);
  const tasks = new Map<number, Row[]>();
  for (const row of kept) {
    const task = typeof row._ng_task_index === 'number' ? row._ng_task_index : 0;
    tasks.set(task, [...(tasks.get(task) ?? []), row]);
  }
  const groups = [...tasks]
    .sort(([a], [b]) => a - b)
    .map(([task, rows]): Row => ({ ...statistics(rows), _ng_task_index: task }));
  const failed = responses.length - kept.length;
  const agent: Row = { ...statistics(kept), ...(failed > 0 && { no_verdict: failed }) };
  const means = Object.entries(agent).filter(([name]) => name.startsWith('mean/'));
  return { group_level_metrics: groups, agent_metrics: agent, key_metrics: Object.fromEntries(means) };
}

function statistics(rows: readonly Row[]): Row {
  const columns = new Map<string, number[]>();
  for (const row of rows)
    for (const [name, value] of Object.entries({ ...row, ...usageOf(row.response) })) {
      if (name === '_ng_task_index' || name === '_ng_rollout_index') continue;
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (typeof number !== 'number') continue;
      const column = columns.get(name);
      if (column) column.push(number);
      else columns.set(name, [number]);
    }
  const out: Record<string, number> = {};
  for (const [name, values] of columns) {
    const sorted = values.toSorted((a, b) => a - b);
    const n = sorted.length;
    const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
    const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    out[`mean/${name}`] = mean;
    out[`max/${name}`] = sorted[n - 1]!;
    out[`min/${name}`] = sorted[0]!;
    out[`median/${name}`] = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
    out[`std/${name}`] = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
  }
  return out;
}

function usageOf(response: Json | undefined): Row {
  const usage = (response as { readonly usage?: Json } | null | undefined)?.usage;
  return typeof usage === 'object' && usage !== null && !Array.isArray(usage) ? (usage as Row) : {};
}
