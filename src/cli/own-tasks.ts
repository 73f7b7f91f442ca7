import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { loadReward } from '../catalogue/index.ts';
import {
  type Demonstration,
  hash32,
  InputError,
  promptText,
  type Task,
  type TaskSet,
} from '../core/index.ts';
import { grpo } from '../credit/index.ts';
import { field, readRows, rowTask } from '../dataset/read/index.ts';
import { embedded } from '../engine/index.ts';
import { alphabetOf } from '../engine/tokenizer/index.ts';
import { clipped } from '../objective/index.ts';
import { type Recipe, recipe } from '../train/index.ts';

export interface OwnTasksOptions {
  readonly tasks: string;
  readonly reward: string;
  readonly prompt?: string;
  readonly answer?: string;
  readonly completion?: string;
}

export interface OwnTasks {
  readonly recipe: Recipe;
  /** Ends the workers of the reward's modules. */
  close(): Promise<void>;
}

/** About so many of a file's tasks are held out, by the hash of their prompts: a share that no order changes. */
const heldOut = 0.1;
/** Larger alphabets than this are spoken in bytes. */
const mostCharacters = 256;
const longestCompletion = 256;

/**
 * A recipe from a file of tasks and a reward: the embedded engine over the file's own characters, a warm start where rows
 * have demonstrations, then group-relative reinforcement. Relative paths start from the folder `from`; the recipe has them as
 * they were given. Throws InputError naming file, line and field.
 */
export async function ownTasks(options: OwnTasksOptions, from?: string): Promise<OwnTasks> {
  const file = from === undefined ? options.tasks : relative('', resolve(from, options.tasks));
  const set = await readTasks(file, options);
  const { reward, close } = await loadReward(options.reward, { folder: from });
  const prompts = [...set.train, ...set.evaluate].map(({ prompt }) => promptText(prompt));
  const said = [
    ...set.demonstrations.map(({ completion }) => completion),
    ...[...set.train, ...set.evaluate].flatMap(({ answer }) =>
      answer === undefined ? [] : [String(answer)],
    ),
  ];
  const alphabet = alphabetOf([...prompts, ...said]);
  const inBytes = [...alphabet].length > mostCharacters;
  const length = (text: string) => (inBytes ? Buffer.byteLength(text) : [...text].length);
  const longest = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, length(text)), 0);
  const maxTokens = Math.min(longestCompletion, Math.max(16, 2 * longest(said)));
  const sha256 = await fileHash(file);
  return {
    close,
    recipe: recipe({
      name: 'tasks',
      summary: `the tasks of ${options.tasks}`,
      tasks: { name: 'file', version: '1', options: { ...options, sha256 }, load: async () => set },
      engine: embedded({
        layers: 2,
        width: 64,
        heads: 4,
        context: longest(prompts) + maxTokens + 1,
        tokenizer: inBytes ? { kind: 'byte' } : { kind: 'character', alphabet },
      }),
      warmStart:
        set.demonstrations.length > 0
          ? { steps: 100, batch: 64, optimizer: { learningRate: 1e-3, clipNorm: 1 } }
          : undefined,
      reward,
      estimator: grpo(),
      objective: clipped({ high: 0.28 }),
      optimizer: { learningRate: 1e-3, clipNorm: 1 },
      groups: Math.min(32, set.train.length),
      samples: 16,
      steps: 300,
      sampling: { maxTokens, temperature: 1 },
      evaluation: { every: 50, tasks: 200 },
    }),
  };
}

async function readTasks(file: string, options: OwnTasksOptions): Promise<TaskSet> {
  const train: Task[] = [];
  const evaluate: Task[] = [];
  const demonstrations: Demonstration[] = [];
  const names = {
    prompt: options.prompt ?? 'prompt',
    answer: options.answer ?? 'answer',
    completion: options.completion ?? 'completion',
  };
  const named = { prompt: names.prompt, answer: options.answer };
  const fields = { prompt: field(names.prompt), answer: field(names.answer), id: field('id'), named };
  const completion = field(names.completion);
  let row = 0;
  for await (const { rows, lines } of readRows(file))
    for (const [i, one] of rows.entries()) {
      const place = { file, line: lines[i]!, row: row++ };
      const { task } = rowTask(one, fields, place);
      const text = promptText(task.prompt);
      if (text.trim() === '') throw new InputError('the prompt is empty', { ...place, field: names.prompt });
      const side = hash32(text, 7) / 2 ** 32 < heldOut ? evaluate : train;
      side.push(task);
      const shown = completion.get(one);
      if (shown === undefined || shown === null) {
        if (options.completion === undefined) continue;
        throw new InputError('is missing', { ...place, field: names.completion });
      }
      if (typeof shown !== 'string' || shown === '')
        throw new InputError('expected a text that is not empty', { ...place, field: names.completion });
      if (side === train) demonstrations.push({ prompt: task.prompt, completion: shown });
    }
  if (row === 0) throw new InputError('there are no tasks', { file });
  // A handful of tasks may all fall on one side; both need one.
  if (evaluate.length === 0 && train.length > 1) evaluate.push(train.pop()!);
  if (train.length === 0) train.push(...evaluate);
  return { train, evaluate, demonstrations };
}

async function fileHash(file: string): Promise<string> {
  if (file === '-')
    throw new InputError('tasks cannot come from standard input: a resumed run reads them again');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
