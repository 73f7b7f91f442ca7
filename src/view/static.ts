import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { InputError } from '../core/index.ts';

/** The built page: every file by its path from the root. What is not in here does not exist, so no path can lead out. */
export type Page = ReadonlyMap<string, PageFile>;

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
  /** Its name has a hash of its content (the bundler's `assets` folder): it never changes. */
  readonly immutable: boolean;
}

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Where the page is built: the same place in a checkout and, counted from the compiled file, in the package. */
export const pageFolders = ['../../web/dist', '../../../web/dist'].map((path) =>
  join(import.meta.dirname, path),
);

/** Reads the built page into memory (some hundred kilobytes). Throws InputError where it was not built. */
export function readPage(folders: readonly string[] = pageFolders): Page {
  const folder = folders.find((path) => existsSync(join(path, 'index.html')));
  if (folder === undefined)
    throw new InputError('the dashboard is not built; build it with: npm run build:web');
  const page = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const type = types[extname(entry.name)];
    if (type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const body = readFileSync(path);
    page.set(`/${relative(folder, path).split(sep).join('/')}`, {
      type,
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      immutable: relative(folder, path).startsWith(`assets${sep}`),
    });
  }
  return page;
}

/** The file of a path; of a path that is no file, the page itself, which reads the path (deep links). */
export function pageFile(page: Page, path: string): PageFile | undefined {
  return page.get(path) ?? (types[extname(path)] === undefined ? page.get('/index.html') : undefined);
}
