import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeTarget } from '../core/write-target.ts';

/** Names of things that are being written begin so; what a killed process left behind is recognised by it. */
const unfinished = '.unfinished-';

/**
 * Writes a file so that its path has the old content or the new, never a piece: under another name in the same folder, to the
 * disk, renamed, and the folder to the disk. A link stays, and what it leads to is replaced; what is no file (a pipe, a device,
 * `/dev/stdout`) is written as it is. Throws what the file system throws (ENOSPC …) and leaves nothing behind.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const { path: real, direct, descriptor } = writeTarget(path);
  if (direct) return writeFileSync(descriptor ?? real, content);
  const folder = dirname(real);
  mkdirSync(folder, { recursive: true });
  const aside = join(folder, `${unfinished}${basename(real)}-${randomUUID()}`);
  try {
    await writeSynced(aside, content);
    renameSync(aside, real);
  } catch (thrown) {
    rmSync(aside, { force: true });
    throw thrown;
  }
  await syncFolder(folder);
}

/**
 * Writes a folder of files so that it is there whole or not at all. A folder of this name is replaced by two renames: a
 * process killed between them leaves neither, so what must never be missing needs a predecessor under another name.
 */
export async function writeFolderAtomic(
  path: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const parent = dirname(path);
  mkdirSync(parent, { recursive: true });
  const aside = join(parent, `${unfinished}${basename(path)}-${randomUUID()}`);
  try {
    mkdirSync(aside);
    for (const [name, content] of files) await writeSynced(join(aside, name), content);
    await syncFolder(aside);
    const old = existsSync(path) ? join(parent, `${unfinished}old-${randomUUID()}`) : undefined;
    if (old) renameSync(path, old);
    renameSync(aside, path);
    if (old) rmSync(old, { recursive: true, force: true });
  } catch (thrown) {
    rmSync(aside, { recursive: true, force: true });
    throw thrown;
  }
  await syncFolder(parent);
}

/** Removes what killed processes were writing in a folder. Only for a folder that nobody else writes in. */
export function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(unfinished)) rmSync(join(folder, name), { recursive: true, force: true });
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on the disk only when its folder is. Windows cannot sync folders and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
