import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { importOwn } from '../catalogue/index.ts';
import { InputError, identify, nearest } from '../core/index.ts';
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
 * the content of that module and of the files that it imports from then on. A relative path starts
 * from the folder `from` (default: the working folder). Throws InputError.
 */
export async function loadRecipe(given: string, from?: string): Promise<Recipe | Study> {
  const named = from === undefined || !isModulePath(given) ? given : relative('', resolve(from, given));
  const { exports, hash } = await importOwn(pathOf(named), named);
  const found = exports.default;
  if (!isRecipe(found) && !isStudy(found))
    throw new InputError('must export a recipe({…}) or study({…}) as its default', { file: named });
  markFunctions(found.options, hash.slice(0, 32), new Set());
  return found;
}

/** Whether a recipe is named by the path of its module. */
export function isModulePath(named: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(named);
}

function pathOf(named: string): string {
  if (isModulePath(named)) {
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
