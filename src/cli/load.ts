import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError, identify, nearest, oneLine } from '../core/index.ts';
import { isRecipe, isStudy, type Recipe, type Study } from '../train/index.ts';

/** Where the recipes lie that come with Assay: sources in a checkout, compiled beside this file in the package. */
const recipesFolder = resolve(import.meta.dirname, '../../recipes');

/** The names of the recipes and studies that come with Assay. */
export function recipeNames(): string[] {
  return readdirSync(recipesFolder)
    .filter((name) => /^[\w-]+\.(ts|js)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    .map((name) => name.replace(/\.(ts|js)$/, ''))
    .sort();
}

/**
 * A recipe or study by its name, or by the path of a module that exports one as its default. Functions in it are known by
 * that module's content from then on. Throws InputError.
 */
export async function loadRecipe(named: string): Promise<Recipe | Study> {
  const path = pathOf(named);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (thrown) {
    // What a factory says of its options is a line already; any other error gets one.
    const why =
      thrown instanceof InputError ? oneLine(thrown) : `the recipe cannot be loaded: ${oneLine(thrown)}`;
    throw new InputError(why, { file: named });
  }
  const found = module.default;
  if (!isRecipe(found) && !isStudy(found))
    throw new InputError('must export a recipe({…}) or study({…}) as its default', { file: named });
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 32);
  markFunctions(found.options, hash, new Set());
  return found;
}

function pathOf(named: string): string {
  if (/[\\/]|\.[cm]?[jt]s$/.test(named)) {
    const path = resolve(named);
    if (!existsSync(path)) throw new InputError('there is no such file', { file: named });
    return path;
  }
  const names = recipeNames();
  if (!names.includes(named)) {
    const near = nearest(named, names);
    throw new InputError(
      `no recipe is called '${basename(named).slice(0, 80)}'${near ? `; did you mean '${near}'?` : ''}`,
    );
  }
  return [join(recipesFolder, `${named}.ts`), join(recipesFolder, `${named}.js`)].find((path) =>
    existsSync(path),
  )!;
}

/** Every plain function inside a recipe is identified by the hash of the module that the recipe came from. */
function markFunctions(value: unknown, hash: string, seen: Set<unknown>): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
  seen.add(value);
  if (typeof value === 'function') identify(value, hash);
  else if (!ArrayBuffer.isView(value))
    for (const field of Object.values(value)) markFunctions(field, hash, seen);
}
