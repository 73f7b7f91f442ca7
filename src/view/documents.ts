import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { oneLine } from '../core/index.ts';

/** A JSON document that a command wrote for the dashboard. */
export interface Document {
  readonly file: string;
  readonly time: number;
  readonly json: unknown;
}

export interface Unreadable {
  readonly file: string;
  readonly error: string;
}

const mostFiles = 1000;
const mostBytes = 32e6;

/** The JSON documents of some folders that are there, the newest first; of equal names the one of the first folder. */
export function readDocuments(folders: readonly string[]): {
  documents: Document[];
  unreadable: Unreadable[];
} {
  const documents: Document[] = [];
  const unreadable: Unreadable[] = [];
  const names = new Set<string>();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)
      .filter((one) => one.endsWith('.json'))
      .slice(0, mostFiles)) {
      if (names.has(name)) continue;
      names.add(name);
      const file = join(folder, name);
      try {
        const { size, mtimeMs } = statSync(file);
        if (size > mostBytes) throw new Error(`is over ${mostBytes / 1e6} MB`);
        documents.push({ file, time: Math.round(mtimeMs), json: JSON.parse(readFileSync(file, 'utf8')) });
      } catch (thrown) {
        unreadable.push({ file, error: oneLine(thrown) });
      }
    }
  }
  return { documents: documents.sort((a, b) => b.time - a.time), unreadable };
}

export const documentName = ({ file }: Document) => basename(file, '.json');
