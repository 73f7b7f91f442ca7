import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../core/errors.ts';
import { writeFileAtomic, writeFolderAtomic } from './atomic.ts';
import { latestCheckpoint, listCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const weights = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const files = (step: number) =>
  new Map<string, string | Uint8Array>([
    ['model.safetensors', weights],
    ['state.json', JSON.stringify({ step })],
  ]);

describe('atomic files', () => {
  it('replaces a file whole and leaves nothing beside it', async () => {
    const path = join(folder, 'deep', 'a.txt');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, Uint8Array.of(0x32));
    expect(readFileSync(path, 'utf8')).toBe('2');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a.txt']);
  });

  it('keeps the old file and cleans up when the new one cannot be written', async () => {
    const path = join(folder, 'taken');
    mkdirSync(join(path, 'inside'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
    await expect(writeFolderAtomic(join(folder, 'new'), new Map([['no/such/place', 'x']]))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('replaces a folder whole', async () => {
    const path = join(folder, 'out');
    await writeFolderAtomic(
      path,
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    await writeFolderAtomic(path, new Map([['b', '3']]));
    expect(readdirSync(path)).toEqual(['b']);
    expect(readFileSync(join(path, 'b'), 'utf8')).toBe('3');
  });
});

describe('checkpoints', () => {
  it('gives back every byte', async () => {
    const written = await writeCheckpoint(folder, 100, files(100));
    expect(written.folder.endsWith('step-000100')).toBe(true);
    const { step, files: read } = readCheckpoint(written.folder);
    expect(step).toBe(100);
    expect([...read.get('model.safetensors')!]).toEqual([...weights]);
    expect(new TextDecoder().decode(read.get('state.json'))).toBe('{"step":100}');
  });

  it('keeps the newest so many, and finds the latest', async () => {
    for (const step of [5, 10, 15, 1_000_000]) await writeCheckpoint(folder, step, files(step), { keep: 2 });
    expect(listCheckpoints(folder).map(({ step }) => step)).toEqual([15, 1_000_000]);
    expect(latestCheckpoint(folder)?.step).toBe(1_000_000);
    expect(latestCheckpoint(join(folder, 'none'))).toBeUndefined();
  });

  it('names the file and what is wrong, and passes over the damaged one', async () => {
    await writeCheckpoint(folder, 1, files(1));
    const { folder: last } = await writeCheckpoint(folder, 2, files(2));
    const model = join(last, 'model.safetensors');
    const complaints: string[] = [];
    const spoil = (how: () => void) => {
      how();
      expect(() => readCheckpoint(last)).toThrow(InputError);
      expect(latestCheckpoint(folder, (why) => complaints.push(why.message))?.step).toBe(1);
    };
    spoil(() => writeFileSync(model, weights.with(500, 255)));
    spoil(() => truncateSync(model, 999));
    spoil(() => appendFileSync(model, 'xx'));
    spoil(() => rmSync(model));
    expect(complaints[0]).toBe(
      `${model}: the checkpoint is damaged: its content does not have the hash in the manifest`,
    );
    expect(complaints[1]).toBe(`${model}: the checkpoint is damaged: 999 bytes instead of 1000`);
    expect(complaints[2]).toContain('1001 bytes instead of 1000');
    expect(complaints[3]).toContain('cannot be read');
  });

  it('takes no manifest on trust', async () => {
    const { folder: path } = await writeCheckpoint(folder, 1, files(1));
    const manifest = join(path, 'manifest.json');
    const said = (text: string | undefined) => {
      if (text === undefined) rmSync(manifest);
      else writeFileSync(manifest, text);
      expect(latestCheckpoint(folder)).toBeUndefined();
      try {
        readCheckpoint(path);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(InputError);
        return (thrown as Error).message.slice(manifest.length);
      }
      throw new Error('it was read');
    };
    expect(said('{')).toMatch(/^: the manifest cannot be read/);
    expect(said('null')).toBe(': this is not the manifest of a checkpoint');
    expect(said('{"format":2}')).toBe(': the checkpoint has format 2 and this Assay reads 1');
    expect(said('{"format":1,"step":"1"}')).toBe(", field 'step': must be an integer");
    expect(said('{"format":1,"step":1}')).toBe(", field 'files': must list the files");
    expect(said('{"format":1,"step":1,"files":{"../../x":{"bytes":1,"sha256":""}}}')).toContain(
      'must have bytes',
    );
    expect(said('{"format":1,"step":1,"files":{"x":null}}')).toContain('must have bytes');
    expect(said(undefined)).toBe(': there is no checkpoint here');
  });

  it('that cannot be written give one line', async () => {
    writeFileSync(join(folder, 'file'), '');
    const write = writeCheckpoint(join(folder, 'file'), 3, files(3));
    await expect(write).rejects.toThrow(
      /step-000003: the folder cannot be written \(E\w+\): the checkpoint was not/,
    );
    await writeCheckpoint(folder, 3, files(3));
    await writeCheckpoint(folder, 3, files(4));
    expect(new TextDecoder().decode(latestCheckpoint(folder)!.files.get('state.json'))).toBe('{"step":4}');
    expect(readdirSync(folder).sort()).toEqual(['file', 'step-000003']);
  });

  it('removes what a killed process left, and refuses odd names', async () => {
    mkdirSync(join(folder, '.unfinished-step-000001-abc'));
    await writeCheckpoint(folder, 2, files(2));
    expect(readdirSync(folder)).toEqual(['step-000002']);
    await expect(writeCheckpoint(folder, 3, new Map([['../x', 'y']]))).rejects.toThrow(RangeError);
    await expect(writeCheckpoint(folder, 3, new Map([['manifest.json', 'y']]))).rejects.toThrow(RangeError);
    expect(readdirSync(folder)).toEqual(['step-000002']);
  });
});
