import { join } from 'node:path';
import {
  canonicalJson,
  describe,
  type Engine,
  type EngineState,
  firstDifference,
  InputError,
  type Json,
} from '../core/index.ts';
import { readEngineState, writeEngineState } from '../engine/model-files.ts';
import * as store from '../store/index.ts';
import type { Position } from './position.ts';

/** What a checkpoint keeps besides the models. */
export interface Checkpoint {
  readonly recipe: Json;
  readonly seed: number;
  readonly position: Position;
  readonly curriculum: Json;
  readonly replay?: Json;
  readonly rewards: { readonly [path: string]: Json };
  readonly learning?: { readonly [path: string]: Json };
  /** What checkpoints before `learning` call it. */
  readonly objectives?: { readonly [path: string]: Json };
}

export interface Restored extends Checkpoint {
  readonly references: readonly string[];
  model(name: string): EngineState;
  reference(name: string): EngineState;
}

function checkpointsFolder(folder: string, run: string): string {
  return join(folder, 'runs', run, 'checkpoints');
}

/** Writes a run's checkpoint, whole or not at all, and drops all but the newest `keep`. Returns its folder. */
export async function writeCheckpoint(
  folder: string,
  run: string,
  checkpoint: Checkpoint,
  models: ReadonlyMap<string, Engine>,
  references: ReadonlyMap<string, Engine>,
  keep: number,
): Promise<string> {
  const files = new Map<string, string | Uint8Array>();
  for (const [name, engine] of models) {
    files.set(`model.${name}.safetensors`, writeEngineState(await engine.save()));
    files.set(`model.${name}.json`, `${JSON.stringify(describe(engine), null, 2)}\n`);
  }
  for (const [name, engine] of references)
    files.set(`reference.${name}.safetensors`, writeEngineState(await engine.save()));
  files.set(
    'state.json',
    `${JSON.stringify({ ...checkpoint, references: [...references.keys()] }, keepNumber)}\n`,
  );
  const written = await store.writeCheckpoint(
    checkpointsFolder(folder, run),
    checkpoint.position.step,
    files,
    { keep },
  );
  return written.folder;
}

/**
 * A run's newest checkpoint, verified, or undefined when it has none yet. Throws InputError naming the file when it is
 * damaged, and naming the field when the recipe or seed is not the one that the run was started with.
 */
export function readCheckpoint(
  folder: string,
  run: string,
  recipe: Json,
  seed: number,
): Restored | undefined {
  const newest = store.listCheckpoints(checkpointsFolder(folder, run)).at(-1);
  if (!newest) return undefined;
  const { files } = store.readCheckpoint(newest.folder);
  const file = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (!bytes) throw new InputError('is missing from the checkpoint', { file: join(newest.folder, name) });
    return bytes;
  };
  const saved = JSON.parse(new TextDecoder().decode(file('state.json')), readNumber) as Checkpoint & {
    references: string[];
  };
  refuseChanged(saved.recipe, recipe, run);
  if (saved.seed !== seed)
    throw new InputError(`run '${run}' has seed ${saved.seed}, not ${seed}`, { field: 'seed' });
  const state = (name: string) => readEngineState(file(name), join(newest.folder, name));
  return {
    ...saved,
    model: (name) => state(`model.${name}.safetensors`),
    reference: (name) => state(`reference.${name}.safetensors`),
  };
}

/** Throws InputError naming the first field in which two recipes differ. */
export function refuseChanged(stored: Json, now: Json, run: string): void {
  if (canonicalJson(stored) === canonicalJson(now)) return;
  const field = firstDifference(stored, now) ?? '(whole)';
  throw new InputError(`the recipe is not the one that run '${run}' was started with; start a new run`, {
    field,
  });
}

/** JSON has no NaN and no infinity; a rate over nothing is NaN and must come back as such. */
function keepNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function readNumber(_: string, value: unknown): unknown {
  const kept = (value as { $number?: unknown } | null)?.$number;
  return typeof kept === 'string' ? Number(kept) : value;
}
