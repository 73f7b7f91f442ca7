import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, type FileHandle, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { z } from 'zod';
import { causes, InputError, oneLine } from '../../core/index.ts';

const saved = z.object({
  journal: z.literal(1),
  /** Of this file; the lease is by it, wherever the file lies. */
  id: z.string(),
  /** What is scored how: another one does not go on with this file. */
  run: z.string(),
  reward: z.string(),
  /** All rows are written; kept because some of them are dead letters. */
  finished: z.boolean(),
  /** Which of the two part files holds the lines. */
  part: z.int().min(0).max(1),
  chunks: z.int(),
  rows: z.int(),
  bytes: z.int(),
  /** Over the hashes of the chunks so far. */
  digest: z.string(),
  scored: z.int(),
  sum: z.number(),
  causes: z.partialRecord(z.enum(causes), z.int()),
  /** Rows that came out as no verdict since their jobs failed for good: the line in the output, from 0, and the job. */
  dead: z.array(z.object({ row: z.int(), job: z.string() })),
});

/** How far a run is: what its file holds. */
export type Progress = { -readonly [K in keyof z.output<typeof saved>]: z.output<typeof saved>[K] };

/**
 * The output of a run on its way, `OUT.queue.part`, and beside it how far it is, `OUT.queue.json`. What was checkpointed
 * survives a kill at any moment, and what was written after that is cut off again.
 */
export interface Journal {
  readonly progress: Progress;
  /** True where an earlier process got to the end, and left rows that are dead. */
  readonly finished: boolean;
  /** Cuts the part file to what is known of it and opens it. Call it once it is certain that nobody else writes. */
  begin(): Promise<void>;
  append(text: string): void;
  /** Makes all that was appended durable, with `progress`. */
  checkpoint(): Promise<void>;
  /** Exchanges lines that were written: `replace` gets each line's number and gives another one, or undefined. */
  rewrite(replace: (row: number) => string | undefined): Promise<void>;
  /** Puts the file in its place. The journal goes, unless rows are dead. */
  commit(): Promise<void>;
  /** Keeps what was checkpointed. */
  close(): Promise<void>;
}

/** Throws InputError where `out` cannot be written, or holds the unfinished progress of another run. */
export async function openJournal(
  out: string,
  about: { readonly run: string; readonly reward: string },
): Promise<Journal> {
  const parts = [`${out}.queue.part`, `${out}.queue.part2`] as const;
  const state = `${out}.queue.json`;
  await refuseSpecial(out);
  const found = await readProgress(state);
  if (found && !found.finished && found.run !== about.run)
    throw new InputError(
      `holds the progress of another run, of '${found.reward}'; finish that one, or delete the file to start over`,
      { file: state },
    );
  // A finished run's part is the output itself, unless the process ended just before it was put there.
  const inPlace = found?.finished === true && !existsSync(parts[found.part]!);
  const whole = found?.run === about.run && (await sizeOf(inPlace ? out : parts[found.part]!)) >= found.bytes;
  const progress: Progress = whole
    ? { ...found, finished: false }
    : {
        journal: 1,
        id: randomUUID(),
        ...about,
        finished: false,
        part: 0,
        chunks: 0,
        rows: 0,
        bytes: 0,
        digest: '',
        scored: 0,
        sum: 0,
        causes: {},
        dead: [],
      };
  let handle: FileHandle | undefined;
  let waiting: string[] = [];
  let size = progress.bytes;

  const flush = async () => {
    const block = Buffer.from(waiting.join(''), 'utf8');
    waiting = [];
    for (let at = 0; at < block.length; ) {
      const { bytesWritten } = await handle!.write(block, at, block.length - at, size);
      at += bytesWritten;
      size += bytesWritten;
    }
    await handle!.sync();
    progress.bytes = size;
  };
  const save = async () => {
    const beside = `${state}.tmp`;
    const file = await open(beside, 'w');
    await file.writeFile(`${JSON.stringify(progress)}\n`);
    await file.sync();
    await file.close();
    await rename(beside, state);
  };

  try {
    if (!whole) await save(); // its id is on the disk before the lease is taken by it
  } catch (thrown) {
    throw new InputError(`cannot be written: ${oneLine(thrown)}`, { file: out });
  }
  return {
    progress,
    finished: whole && found.finished,
    begin: async () => {
      const part = parts[progress.part]!;
      if (whole && inPlace) {
        await copyFile(out, `${part}.tmp`);
        await rename(`${part}.tmp`, part);
      }
      handle = await open(part, constants.O_RDWR | constants.O_CREAT);
      await handle.truncate(progress.bytes);
    },
    append: (text) => {
      waiting.push(text);
    },
    checkpoint: async () => {
      await flush();
      await save();
    },
    rewrite: async (replace) => {
      await flush();
      const other = 1 - progress.part;
      const target = await open(parts[other]!, 'w+');
      let row = 0;
      let lines: Uint8Array[] = [];
      let held = 0;
      const put = async () => {
        await target.writeFile(Buffer.concat(lines));
        lines = [];
        held = 0;
      };
      for await (const line of linesOf(handle!)) {
        const one = replace(row++);
        lines.push(one === undefined ? line : Buffer.from(one, 'utf8'));
        held += line.length;
        if (held > 1 << 18) await put();
      }
      await put();
      await target.sync();
      await handle!.close();
      handle = target;
      const old = parts[progress.part]!;
      size = (await target.stat()).size;
      progress.bytes = size;
      progress.part = other;
      await save(); // from here on the other file counts
      await unlink(old);
    },
    commit: async () => {
      progress.finished = true;
      await flush();
      await save();
      await handle!.close();
      handle = undefined;
      await rename(parts[progress.part]!, out);
      if (progress.dead.length === 0) await unlink(state);
    },
    close: async () => {
      await handle?.close();
      handle = undefined;
    },
  };
}

/** Each line with its line feed. Not readline: that one also ends lines where a text in them has U+2028. */
async function* linesOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  let open: Buffer = Buffer.alloc(0);
  for await (const block of handle.createReadStream({ start: 0, autoClose: false })) {
    const all = open.length > 0 ? Buffer.concat([open, block as Buffer]) : (block as Buffer);
    let start = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, start)) {
      yield all.subarray(start, end + 1);
      start = end + 1;
    }
    open = all.subarray(start);
  }
}

/** Forgets what a run kept, but not the output of one that was finished. */
export async function dropJournal(out: string): Promise<void> {
  for (const name of ['json', 'part', 'part2']) await rm(`${out}.queue.${name}`, { force: true });
}

async function readProgress(state: string): Promise<Progress | undefined> {
  if (!existsSync(state)) return undefined;
  try {
    return saved.parse(JSON.parse(await readFile(state, 'utf8')));
  } catch (thrown) {
    throw new InputError(`is no journal (${oneLine(thrown, 80)}); delete it to start over`, { file: state });
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function refuseSpecial(out: string): Promise<void> {
  const about = await stat(out).catch(() => undefined);
  if (about === undefined || about.isFile()) return;
  throw new InputError(about.isDirectory() ? 'is a folder' : 'is no regular file, which --queue needs', {
    file: out,
  });
}
