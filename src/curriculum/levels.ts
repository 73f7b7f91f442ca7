import { z } from 'zod';
import { functionOf, InputError, type Task } from '../core/index.ts';

const fields = ['domain', 'difficulty', 'reward'] as const;
type KeyFunction = (task: Task) => string | number | undefined;

/** What a task is sorted into classes by: a field, or a function of the user's own. */
export type TaskKey = (typeof fields)[number] | KeyFunction;

export const taskKey = z.union([z.enum(fields), functionOf<KeyFunction>('a task')], {
  error: `expected one of ${fields.map((name) => `"${name}"`).join('|')}, or a function of a task`,
});

export function keyOf(task: Task, by: TaskKey): string {
  return String((typeof by === 'function' ? by(task) : task[by]) ?? '');
}

/**
 * Tasks in levels by a score (a pass rate, a difficulty): level k has scores of edges[k − 1] and above, and below edges[k]; so
 * there is one level more than edges. Tasks without a score are left out. Edges must rise.
 */
export function buckets(
  tasks: readonly Task[],
  score: (task: Task) => number | undefined,
  edges: readonly number[],
): Task[][] {
  if (edges.some((edge, k) => k > 0 && !(edge > edges[k - 1]!)))
    throw new InputError('buckets: the edges must rise');
  const levels: Task[][] = Array.from({ length: edges.length + 1 }, () => []);
  for (const task of tasks) {
    const value = score(task);
    if (value === undefined || Number.isNaN(value)) continue;
    levels[edges.filter((edge) => value >= edge).length]!.push(task);
  }
  return levels;
}
