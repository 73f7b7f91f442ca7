import { type Json, mean, meanInterval, quantile, standardDeviation } from '../../core/index.ts';
import type { Row } from './nemo-gym-rows.ts';

/** The reply of `/aggregate_metrics`: flat names, such as `mean/reward`. */
export interface AggregateMetrics {
  readonly group_level_metrics: readonly Row[];
  readonly agent_metrics: Row;
  readonly key_metrics: Row;
  /** Gym's latencies and tokens of observed rollouts, which a resources server does not see. */
  readonly perf_summary: null;
  readonly repeat_level_metrics: readonly Row[];
}

type Numbers = { readonly [name: string]: number };

/** A rollout that counts: its indices, and every number that it says. */
interface Rollout {
  readonly task: number;
  readonly repeat: number;
  readonly numbers: Numbers;
  readonly info: Row;
}

/**
 * Statistics of every numeric field over all rollouts, by task and by repeat, after nemo_gym/reward_profile.py of 0.7.0.
 * Rollouts whose reward is no measurement (`mask_sample`, or a failure class) are left out of them and counted as
 * `coverage/masked_rollouts`. Gym makes histograms too, and takes them out before it answers. Undefined for more than
 * `mostFields` of them: every one is a dozen figures for each task.
 */
export function aggregateMetrics(responses: readonly Row[]): AggregateMetrics | undefined {
  const nothing = { group_level_metrics: [], agent_metrics: {}, key_metrics: {}, repeat_level_metrics: [] };
  if (responses.length === 0) return { ...nothing, perf_summary: null };
  const measured = responses.filter((row) => !isMasked(row));
  const coverage = coverageOf(responses, measured);
  if (measured.length === 0)
    return { ...nothing, agent_metrics: coverage, key_metrics: coverage, perf_summary: null };
  if (countFields(measured) > mostFields) return undefined;
  const rollouts = measured.map(readRollout);
  const repeats = repeatLevel(rollouts);
  const agent: Row = {
    ...describe(rollouts),
    ...acrossRepeats(repeats),
    ...coverage,
    num_repeats: new Set(responses.map((row) => index(row._ng_rollout_index))).size,
  };
  const means = Object.entries(agent).filter(([name]) => name.startsWith('mean/'));
  return {
    group_level_metrics: groupLevel(rollouts),
    agent_metrics: agent,
    key_metrics: { ...Object.fromEntries(means), ...coverage },
    perf_summary: null,
    repeat_level_metrics: repeats,
  };
}

/** Most numeric fields. */
export const mostFields = 500;

/** How many there are, counted no further than to see that they are too many. */
function countFields(rows: readonly Row[]): number {
  const names = new Set<string>();
  for (const row of rows)
    for (const fields of [row, usageOf(row.response)])
      for (const name in fields) {
        if (isCounted(name, fields[name])) names.add(name);
        if (names.size > mostFields) return names.size;
      }
  return names.size;
}

const isCounted = (name: string, value: Json | undefined) =>
  !name.startsWith('_') && (typeof value === 'number' || typeof value === 'boolean');

const isMasked = (row: Row) => row.mask_sample === true || row._ng_failure_class !== undefined;

const index = (value: Json | undefined) => (typeof value === 'number' ? value : 0);

function coverageOf(all: readonly Row[], measured: readonly Row[]): Row {
  if (measured.length === all.length) return {};
  const tasks = (rows: readonly Row[]) => new Set(rows.map((row) => index(row._ng_task_index))).size;
  return {
    'coverage/measured_rollouts': measured.length,
    'coverage/masked_rollouts': all.length - measured.length,
    'coverage/measured_tasks': tasks(measured),
    'coverage/fully_masked_tasks': tasks(all) - tasks(measured),
  };
}

function readRollout(row: Row): Rollout {
  const [task, repeat] = [index(row._ng_task_index), index(row._ng_rollout_index)];
  const usage = numbersOf(usageOf(row.response));
  const { mask_sample: _flag, ...fields } = row;
  const own = numbersOf(fields);
  const { reward, ...rest } = own;
  return {
    task,
    repeat,
    numbers: { ...own, ...usage },
    info: {
      rollout_id: `${task}:${repeat}`,
      _ng_task_index: task,
      _ng_rollout_index: repeat,
      ...(reward !== undefined && { reward }),
      ...usage,
      ...rest,
    },
  };
}

function numbersOf(row: Row): Numbers {
  const numbers: Record<string, number> = Object.create(null);
  for (const [name, value] of Object.entries(row)) if (isCounted(name, value)) numbers[name] = Number(value);
  return numbers;
}

function usageOf(response: Json | undefined): Row {
  const usage = (response as { readonly usage?: Json } | null | undefined)?.usage;
  return typeof usage === 'object' && usage !== null && !Array.isArray(usage) ? (usage as Row) : {};
}

function columnsOf(rollouts: readonly Rollout[]): Map<string, number[]> {
  const columns = new Map<string, number[]>();
  for (const { numbers } of rollouts)
    for (const [name, value] of Object.entries(numbers)) {
      const column = columns.get(name);
      if (column) column.push(value);
      else columns.set(name, [value]);
    }
  return columns;
}

/** The deviation of a single value is not said, but for rollouts that are alone: there it is 0. */
function describe(rollouts: readonly Rollout[]): Row {
  const columns = columnsOf(rollouts);
  const alone = [...columns.values()].every(({ length }) => length === 1);
  const out: Record<string, number> = Object.create(null);
  for (const [name, values] of columns) {
    out[`mean/${name}`] = mean(values);
    out[`max/${name}`] = quantile(values, 1);
    out[`min/${name}`] = quantile(values, 0);
    out[`median/${name}`] = quantile(values, 0.5);
    if (values.length > 1) out[`std/${name}`] = standardDeviation(values);
    else if (alone && rollouts.length === 1) out[`std/${name}`] = 0;
  }
  return out;
}

function groupsBy(rollouts: readonly Rollout[], key: 'task' | 'repeat'): [number, Rollout[]][] {
  const groups = new Map<number, Rollout[]>();
  for (const one of rollouts) {
    const group = groups.get(one[key]);
    if (group) group.push(one);
    else groups.set(one[key], [one]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function groupLevel(rollouts: readonly Rollout[]): Row[] {
  return groupsBy(rollouts, 'task').map(([task, group]) => ({
    ...describe(group),
    _ng_task_index: task,
    sample: { agent_ref: { name: 'agent' } },
    num_rollouts: group.length,
    expected_num_rollouts: group.length,
    missing_num_rollouts: 0,
    reward_profile_completion_pct: 100,
    rollout_infos: group.toSorted((a, b) => a.repeat - b.repeat).map(({ info }) => info) as Json,
  }));
}

/** One row for each repeat of all tasks; none where there is only one. */
function repeatLevel(rollouts: readonly Rollout[]): Row[] {
  const repeats = groupsBy(rollouts, 'repeat');
  if (repeats.length < 2) return [];
  const tasks = groupsBy(rollouts, 'task').length;
  return repeats.map(([repeat, group]) => {
    const present = groupsBy(group, 'task').length;
    const entry: Record<string, number> = Object.create(null);
    for (const [name, values] of columnsOf(group)) {
      const { low, high, error } = spread(values);
      Object.assign(entry, {
        [`mean/${name}`]: mean(values),
        [`median/${name}`]: quantile(values, 0.5),
        [`std/${name}`]: values.length > 1 ? standardDeviation(values) : 0,
        [`sem/${name}`]: error,
        [`min/${name}`]: quantile(values, 0),
        [`max/${name}`]: quantile(values, 1),
        [`p25/${name}`]: quantile(values, 0.25),
        [`p75/${name}`]: quantile(values, 0.75),
        ...(values.length > 1 && { [`ci_low_95/${name}`]: low, [`ci_high_95/${name}`]: high }),
      });
    }
    return { ...entry, _ng_rollout_index: repeat, sample_count: present, missing_count: tasks - present };
  });
}

/** Each repeat's mean as one observation. */
function acrossRepeats(repeats: readonly Row[]): Row {
  const out: Record<string, number> = Object.create(null);
  const names = new Set(
    repeats.flatMap((row) => Object.keys(row).filter((name) => name.startsWith('mean/'))),
  );
  for (const name of names) {
    const values = repeats.map((row) => row[name]).filter((value) => typeof value === 'number');
    const { low, high, error } = spread(values);
    Object.assign(out, {
      [`mean_across_repeats/${name}`]: mean(values),
      [`median_across_repeats/${name}`]: quantile(values, 0.5),
      [`std_across_repeats/${name}`]: values.length > 1 ? standardDeviation(values) : 0,
      [`min_across_repeats/${name}`]: quantile(values, 0),
      [`max_across_repeats/${name}`]: quantile(values, 1),
      [`se_across_repeats/${name}`]: error,
      ...(values.length > 1 && {
        [`ci_low_95_across_repeats/${name}`]: low,
        [`ci_high_95_across_repeats/${name}`]: high,
      }),
    });
  }
  return out;
}

/** The standard error of a mean and its Student-t interval, which is the mean itself for equal values. */
function spread(values: readonly number[]): { low: number; high: number; error: number } {
  if (values.length < 2) return { low: Number.NaN, high: Number.NaN, error: 0 };
  const { low, high } = meanInterval(values);
  return { low, high, error: standardDeviation(values) / Math.sqrt(values.length) };
}
