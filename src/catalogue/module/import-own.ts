import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON, registerHooks } from 'node:module';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputError, oneLine } from '../../core/index.ts';

/** A module of the user's own, loaded. */
export interface OwnModule {
  readonly exports: { readonly [name: string]: unknown };
  /** SHA-256 in hex of its content, and of the files that it imports by path, and they. */
  readonly hash: string;
}

/**
 * Imports a module of the user's own. One outside any package that has Assay installed may still import `assay/…`: it
 * means this one. Its hash covers what is imported while it loads, but not packages, nor Assay itself. `named` is what
 * messages call it. Throws InputError, one line.
 */
export async function importOwn(path: string, named?: string): Promise<OwnModule> {
  prepare();
  const url = pathToFileURL(path).href;
  let entry: string;
  try {
    entry = pathToFileURL(realpathSync(path)).href;
  } catch (thrown) {
    throw new InputError(`cannot be loaded: ${oneLine(thrown)}`, { file: named });
  }
  if (!imports.has(entry)) imports.set(entry, new Set());
  let exports: OwnModule['exports'];
  try {
    exports = await import(url);
  } catch (thrown) {
    throw loadError(thrown, path, named);
  }
  return { exports, hash: hashOf(entry) };
}

/** Of each of the user's files that was loaded, the user's files that it imports: URLs. */
const imports = new Map<string, Set<string>>();

/** Assay's own sources, or in the package what was compiled from them. */
const ownRoot = resolve(import.meta.dirname, '../..') + sep;

let prepared = false;

function prepare(): void {
  if (prepared) return;
  prepared = true;
  registerHooks({
    resolve(specifier, context, next) {
      const parentURL = /^assay(?:\/|$)/.test(specifier) ? import.meta.url : context.parentURL;
      const found = next(specifier, { ...context, parentURL });
      const known = parentURL === undefined ? undefined : imports.get(parentURL);
      if (known && isOwn(found.url)) {
        known.add(found.url);
        if (!imports.has(found.url)) imports.set(found.url, new Set());
      }
      return found;
    },
  });
  // What Node warns of, an error says in one line or the user need not know.
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if ((warning as NodeJS.ErrnoException).code === 'MODULE_TYPELESS_PACKAGE_JSON') return;
    if (warning.message.startsWith('Failed to load the ES module: ')) return;
    for (const listener of listeners) listener.call(process, warning);
  });
}

function isOwn(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  const path = fileURLToPath(url);
  return !path.startsWith(ownRoot) && !path.split(sep).includes('node_modules');
}

/** In an order that no loader decides, and the same wherever the folder lies. */
function hashOf(entry: string): string {
  const files = [...reached(entry)].map((url) => fileURLToPath(url));
  const [first] = files;
  const hash = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
  if (files.length === 1) return hash(readFileSync(first!));
  const folder = dirname(first!);
  const lines = files.map((file) => [relative(folder, file).split(sep).join('/'), hash(readFileSync(file))]);
  return hash(JSON.stringify(lines.sort(([a], [b]) => (a! < b! ? -1 : 1))));
}

function reached(entry: string): Set<string> {
  const all = new Set([entry]);
  for (const url of all) for (const next of imports.get(url) ?? []) all.add(next);
  return all;
}

/** What V8 says of a module's syntax in a file that it reads as a script. */
const esSyntax = /outside a module|Unexpected token 'export'|await is only valid/;

function loadError(thrown: unknown, path: string, named: string | undefined): InputError {
  // What a factory says of its options is a line already.
  if (thrown instanceof InputError) return new InputError(oneLine(thrown), { file: named });
  if (thrown instanceof SyntaxError && esSyntax.test(thrown.message)) {
    const place = /^(.+):\d+\r?\n/.exec(thrown.stack ?? '')?.[1] ?? path; // it may be one that the module imports
    const about = typeCommonJs(place);
    if (about !== undefined) {
      const better = basename(place).replace(/\.c?([jt]s)$/, '.m$1');
      const message = `is a module, but ${relative('', about) || about} says "type": "commonjs"; say "type": "module" there, or call the file ${better}`;
      return new InputError(message, { file: place === path ? named : relative('', place) });
    }
  }
  return new InputError(`cannot be loaded: ${oneLine(thrown)}`, { file: named });
}

/** The package.json that says so, where one does. */
function typeCommonJs(file: string): string | undefined {
  try {
    const found = findPackageJSON(pathToFileURL(file));
    return found !== undefined && JSON.parse(readFileSync(found, 'utf8')).type === 'commonjs'
      ? found
      : undefined;
  } catch {
    return undefined;
  }
}
