import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError, oneLine } from '../../core/index.ts';

/** The bytes of a file (`-` is standard input), unpacked if they are gzip, with how much of the file is read. */
export interface Bytes {
  /** The first bytes, for telling formats apart; they come again from `chunks`. */
  readonly head: Buffer;
  chunks(): AsyncGenerator<Buffer>;
  share(): number | undefined;
}

const chunkSize = 1 << 17;

/** Throws InputError when the file cannot be read or its gzip is damaged. */
export async function openBytes(file: string): Promise<Bytes> {
  const size = file === '-' ? undefined : await fileSize(file);
  const source: Readable =
    file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkSize });
  let read = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        read += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } catch (thrown) {
      throw new InputError(`cannot be read: ${oneLine(thrown)}`, { file });
    }
  };
  const [head, raw] = await withHead(counted());
  const packed = head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
  const [plainHead, chunks] = packed ? await withHead(unpacked(raw, file)) : ([head, raw] as const);
  return { head: plainHead, chunks: () => chunks, share: () => (size ? read / size : undefined) };
}

async function fileSize(file: string): Promise<number | undefined> {
  try {
    const about = await stat(file);
    if (about.isDirectory()) throw new InputError('is a folder, not a file', { file });
    await (await open(file)).close();
    return about.isFile() ? about.size : undefined;
  } catch (thrown) {
    if (thrown instanceof InputError) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code;
    throw new InputError(code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${oneLine(thrown)}`, {
      file,
    });
  }
}

/** The first chunk, and all chunks with it. */
async function withHead(chunks: AsyncGenerator<Buffer>): Promise<[Buffer, AsyncGenerator<Buffer>]> {
  const first = await chunks.next();
  if (first.done) return [Buffer.alloc(0), chunks];
  const again = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    yield* chunks;
  };
  return [first.value, again()];
}

/** Gzip, also of several members one after another. */
async function* unpacked(packed: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkSize / 4 });
  let failure: unknown;
  const feed = async () => {
    try {
      for await (const chunk of packed)
        if (!gunzip.write(chunk)) await new Promise<void>((resolve) => gunzip.once('drain', resolve));
      gunzip.end();
    } catch (thrown) {
      failure = thrown;
      gunzip.destroy();
    }
  };
  void feed();
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (thrown) {
    throw failure ?? new InputError(`its gzip is damaged: ${oneLine(thrown)}`, { file });
  }
  if (failure !== undefined) throw failure;
}
