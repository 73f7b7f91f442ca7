import { write } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { InputError, oneLine } from '../../core/index.ts';
import { writeTarget } from '../../core/write-target.ts';

/** A file of lines that appears whole or not at all. */
export interface LineWriter {
  /** Takes lines; waits only while the disk is more than one block behind. */
  write(lines: string): Promise<void>;
  /** Puts the file in place of what was there. */
  commit(): Promise<void>;
  /** Leaves no trace. */
  abandon(): Promise<void>;
}

const blockLength = 1 << 18;

/**
 * Writes beside the target and renames at the end, so that nobody sees half a file; a link stays, and what it leads to is
 * replaced. A target that is no regular file (a pipe, a device, `/dev/stdout`) is written as it goes. Throws InputError when it cannot be written there at all.
 */
export async function lineWriter(target: string): Promise<LineWriter> {
  await refuseFolder(target);
  const { path: real, direct, descriptor } = writeTarget(target);
  const path = direct ? real : `${real}.${process.pid}.tmp`;
  let handle: FileHandle | undefined;
  try {
    if (descriptor === undefined) handle = await open(path, 'w');
  } catch (thrown) {
    throw new InputError(`cannot be written: ${oneLine(thrown)}`, { file: target });
  }
  let buffered = '';
  let writing: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  const flush = async () => {
    await writing;
    if (failure !== undefined) throw failure;
    const block = Buffer.from(buffered, 'utf8');
    buffered = '';
    writing = writeAll(handle?.fd ?? descriptor!, block).catch((thrown) => {
      failure = thrown;
    });
  };
  return {
    write: async (lines) => {
      buffered += lines;
      if (buffered.length >= blockLength) await flush();
    },
    commit: async () => {
      await flush();
      await writing;
      if (failure !== undefined) throw failure;
      if (!direct) await handle!.sync();
      await handle?.close();
      if (!direct) await rename(path, real);
    },
    abandon: async () => {
      await writing;
      await handle?.close().catch(() => {});
      if (!direct) await unlink(path).catch(() => {});
    },
  };
}

async function refuseFolder(target: string): Promise<void> {
  const about = await stat(target).catch(() => undefined); // not there yet
  if (about?.isDirectory()) throw new InputError('is a folder', { file: target });
}

const writeSome = promisify(write);

async function writeAll(descriptor: number, block: Buffer): Promise<void> {
  for (let at = 0; at < block.length; )
    at += (await writeSome(descriptor, block, at, block.length - at, null)).bytesWritten;
}
