import type { Described } from './json.ts';
import type { Prompt, Task } from './task.ts';

/** What a world says after a move. Rewards are named; the recipe's reward combines them when it learns. */
export interface WorldStep<Observation = string> {
  readonly observation: Observation;
  readonly rewards: { readonly [name: string]: number };
  readonly done: boolean;
}

/** One episode of a multi-turn task. */
export interface Episode<Action = string, Observation = string> {
  /** What the policy sees first. */
  readonly prompt: Prompt;
  step(action: Action): Promise<WorldStep<Observation>>;
  close(): Promise<void>;
}

/** Something that can be acted in, turn by turn. */
export interface World<Action = string, Observation = string> extends Described {
  start(task: Task, seed: number): Promise<Episode<Action, Observation>>;
}
