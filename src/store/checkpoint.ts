import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, oneLine } from '../core/errors.ts';
import { removeUnfinished, writeFolderAtomic } from './atomic.ts';
import { StoreError } from './errors.ts';

/** The files of a checkpoint by name: `model.safetensors`, `state.json` … Which there are is the loop's affair. */
export type CheckpointFiles = ReadonlyMap<string, string | Uint8Array>;

export interface Checkpoint {
  readonly step: number;
  /** The checkpoint's own folder. */
  readonly folder: string;
}

const manifestName = 'manifest.json';
const format = 1;

interface Manifest {
  readonly format: number;
  readonly step: number;
  readonly files: { readonly [name: string]: { readonly bytes: number; readonly sha256: string } };
}

function stepFolder(folder: string, step: number): string {
  return join(folder, `step-${String(step).padStart(6, '0')}`);
}

/**
 * Writes the checkpoint of a step into `folder` (`checkpoints/step-000100/…` with a manifest of hashes), whole or not at
 * all, then drops all but the `keep` newest. When it returns, the checkpoint is on the disk.
 */
export async function writeCheckpoint(
  folder: string,
  step: number,
  files: CheckpointFiles,
  options: { readonly keep?: number } = {},
): Promise<Checkpoint> {
  const listed: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, content] of files) {
    if (!/^[\w.-]{1,100}$/.test(name) || name.startsWith('.') || name === manifestName)
      throw new RangeError(`a checkpoint cannot hold a file called '${name}'`);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    listed[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  }
  const manifest: Manifest = { format, step, files: listed };
  const path = stepFolder(folder, step);
  try {
    mkdirSync(folder, { recursive: true });
    removeUnfinished(folder);
    await writeFolderAtomic(
      path,
      new Map([...files, [manifestName, `${JSON.stringify(manifest, null, 2)}\n`]]),
    );
    if (options.keep !== undefined) dropOldCheckpoints(folder, options.keep);
  } catch (thrown) {
    throw writeError(path, thrown);
  }
  return { step, folder: path };
}

function writeError(path: string, thrown: unknown): unknown {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === undefined) return thrown;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const why = full ? 'the disk is full' : `the folder cannot be written (${code})`;
  return new StoreError(
    path,
    full ? 'full' : 'io',
    `${why}: the checkpoint was not written, earlier ones are whole`,
  );
}

/** Reads a checkpoint and verifies every byte of it. Throws InputError naming the file and what is wrong. */
export function readCheckpoint(folder: string): { step: number; files: Map<string, Uint8Array> } {
  const manifest = readManifest(folder);
  const files = new Map<string, Uint8Array>();
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    let content: Uint8Array;
    try {
      content = readFileSync(path);
    } catch (thrown) {
      throw new InputError(`the checkpoint's file cannot be read (${oneLine(thrown)})`, { file: path });
    }
    if (content.length !== bytes)
      throw new InputError(`the checkpoint is damaged: ${content.length} bytes instead of ${bytes}`, {
        file: path,
      });
    if (sha256(content) !== expected)
      throw new InputError('the checkpoint is damaged: its content does not have the hash in the manifest', {
        file: path,
      });
    files.set(name, content);
  }
  return { step: manifest.step, files };
}

function readManifest(folder: string): Manifest {
  const path = join(folder, manifestName);
  const refuse = (what: string) => new InputError(what, { file: path });
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(
      missing ? 'there is no checkpoint here' : `the manifest cannot be read (${oneLine(thrown)})`,
    );
  }
  const manifest = parsed as Partial<Manifest> | null;
  if (typeof manifest !== 'object' || manifest === null || typeof manifest.format !== 'number')
    throw refuse('this is not the manifest of a checkpoint');
  if (manifest.format !== format)
    throw refuse(`the checkpoint has format ${manifest.format} and this Assay reads ${format}`);
  const { step, files } = manifest;
  if (!Number.isSafeInteger(step)) throw new InputError('must be an integer', { file: path, field: 'step' });
  if (typeof files !== 'object' || files === null)
    throw new InputError('must list the files', { file: path, field: 'files' });
  for (const [name, entry] of Object.entries(files))
    if (!/^[\w.-]{1,100}$/.test(name) || typeof entry?.bytes !== 'number' || typeof entry.sha256 !== 'string')
      throw new InputError('must have bytes and sha256', { file: path, field: `files.${name.slice(0, 80)}` });
  return { format, step: step!, files };
}

/** The checkpoints of a folder whose manifest can be read, the oldest first. */
export function listCheckpoints(folder: string): Checkpoint[] {
  if (!existsSync(folder)) return [];
  const found: Checkpoint[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!/^step-\d+$/.test(name) || !statSync(path).isDirectory()) continue;
    try {
      found.push({ step: readManifest(path).step, folder: path });
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown; // not a checkpoint: the newest whole one is asked for
    }
  }
  return found.sort((a, b) => a.step - b.step);
}

/**
 * The newest checkpoint whose every file is whole, with its files. Damaged ones are told to `skipped` and passed over;
 * undefined when there is none at all.
 */
export function latestCheckpoint(
  folder: string,
  skipped: (why: InputError) => void = () => {},
): { step: number; folder: string; files: Map<string, Uint8Array> } | undefined {
  for (const { folder: path } of listCheckpoints(folder).reverse()) {
    try {
      return { folder: path, ...readCheckpoint(path) };
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      skipped(thrown);
    }
  }
  return undefined;
}

/** Drops all checkpoints but the newest `keep` (at least one). */
export function dropOldCheckpoints(folder: string, keep: number): void {
  const all = listCheckpoints(folder);
  for (const { folder: path } of all.slice(0, Math.max(0, all.length - Math.max(1, keep))))
    rmSync(path, { recursive: true, force: true });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
