import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/index.ts';

const schema = z.object({
  from: z.string(),
  recipe: z.string().optional(),
  own: z
    .object({
      tasks: z.string(),
      reward: z.string(),
      prompt: z.string().optional(),
      answer: z.string().optional(),
      completion: z.string().optional(),
    })
    .optional(),
  steps: z.number().optional(),
});

/**
 * What a run was started with, for whoever resumes it: a recipe's name or the path of its module, or the tasks and reward
 * of one's own, as they were given. `from` is the folder that relative paths in them start from.
 */
export type RunOrigin = Readonly<z.infer<typeof schema>>;

const fileName = 'origin.json';

/** Keeps it in the run's folder; there `from` is relative to that folder, so that a project may be moved with its store. */
export function saveOrigin(folder: string, { from, ...rest }: RunOrigin): void {
  mkdirSync(folder, { recursive: true });
  const kept: RunOrigin = { from: relative(resolve(folder), resolve(from)), ...rest };
  writeFileSync(join(folder, fileName), `${JSON.stringify(kept)}\n`);
}

/** Undefined where there is none that can be read: the run is of an older version, or of a library's caller. */
export function readOrigin(folder: string): RunOrigin | undefined {
  try {
    const { from, ...rest } = schema.parse(JSON.parse(readFileSync(join(folder, fileName), 'utf8')));
    return { from: resolve(folder, from), ...rest };
  } catch {
    return undefined;
  }
}

/** Throws InputError where the file that the run was started with is no longer there. */
export function checkOrigin(
  { from, recipe, own }: RunOrigin,
  run: string,
  isPath: (named: string) => boolean,
) {
  const [what, file, again] = own
    ? (['file of tasks', own.tasks, '--tasks FILE --reward SPEC'] as const)
    : (['module', recipe, 'PATH'] as const);
  if (file === undefined || (!own && !isPath(file)) || existsSync(resolve(from, file))) return;
  throw new InputError(
    `the ${what} that run '${run}' was started with is not there any more; say where it is: assay train ${again} --resume ${run}`,
    { file: resolve(from, file) },
  );
}
