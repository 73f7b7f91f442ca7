import type { Described, Json } from './json.ts';
import type { Role } from './role.ts';

/** One part of a message: text, a picture for an engine that sees, or features for an embedded engine. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image';
      readonly path?: string;
      readonly bytes?: Uint8Array;
      readonly mediaType?: string;
    }
  | { readonly type: 'features'; readonly features: Float32Array };

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly ContentPart[];
}

export type Prompt = string | readonly Message[];

/** One problem. Gold boxes, test programs and other things that only a verifier may see stay in `data`. */
export interface Task {
  readonly id: string;
  readonly prompt: Prompt;
  /** The reference answer, in the form that the task's reward reads. */
  readonly answer?: Json;
  readonly domain?: string;
  readonly difficulty?: number;
  /** Routes this record to a named reward. */
  readonly reward?: string;
  readonly data?: { readonly [key: string]: Json | undefined };
}

/** The text of a prompt, messages joined by line breaks; pictures and features have none. */
export function promptText(prompt: Prompt): string {
  if (typeof prompt === 'string') return prompt;
  return prompt
    .map(({ content }) =>
      typeof content === 'string'
        ? content
        : content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    )
    .join('\n');
}

/** A supervised example: what the policy should say to this prompt. */
export interface Demonstration {
  readonly prompt: Prompt;
  readonly completion: string;
  /** Its side in a preference loss (`dpo`, `groupPreference` …), against the others of its group. */
  readonly role?: Role;
  /** Which demonstrations belong together: a batch has all of a group or none of it. */
  readonly group?: string | number;
}

/** Training problems, held-out problems that share none with them, and demonstrations for a warm start. */
export interface TaskSet {
  readonly train: readonly Task[];
  readonly evaluate: readonly Task[];
  readonly demonstrations: readonly Demonstration[];
}

/** Where a recipe's tasks come from: a value; the tasks are made or read when the run starts. */
export interface TaskSource extends Described {
  load(): Promise<TaskSet>;
}
