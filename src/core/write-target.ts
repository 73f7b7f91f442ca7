import { fstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Where a file that appears whole or not at all is put. */
export interface WriteTarget {
  /** The file itself where the path is a link, which stays one. */
  readonly path: string;
  /** Written as it goes, and nothing is renamed over it: a pipe, a device, what stands for something open (`/dev/stdout`). */
  readonly direct: boolean;
  /** Of a file that an output of this process goes to, its descriptor: whoever opened it anew would write over what is said there. */
  readonly descriptor?: number;
}

/** What a path to write to stands for. A link to nothing leads to the file that it names. */
export function writeTarget(target: string): WriteTarget {
  const whole = resolve(target);
  const path = realPath(whole);
  const about = aboutFile(whole);
  const descriptor = about?.isFile() ? outputOf(about) : undefined;
  const special = about !== undefined && !about.isFile() && !about.isDirectory();
  const direct = special || descriptor !== undefined || [whole, path].some(isOpenThing);
  return { path: direct ? target : path, direct, ...(descriptor !== undefined && { descriptor }) };
}

function aboutFile(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // not there, or not to be looked at: whoever writes will say so
  }
}

/** Devices and what is open, by name; files in memory lie there, too. */
function isOpenThing(path: string): boolean {
  return /^\/(?:dev\/(?!shm\/)|proc\/)/.test(path);
}

/** The path without links, as far as it leads; what is not there yet keeps its name. */
function realPath(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) return path;
    const beside = join(realPath(dirname(path), links), basename(path));
    const named = linkOf(beside);
    return named === undefined || links > 40 ? beside : realPath(named, links + 1);
  }
}

/** What a link that leads to nothing names. */
function linkOf(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined; // no link
  }
}

/** Which of standard output and standard error goes to a file. */
function outputOf({ dev, ino }: Stats): number | undefined {
  return [1, 2].find((descriptor) => {
    try {
      const about = fstatSync(descriptor);
      return about.dev === dev && about.ino === ino;
    } catch {
      return false; // closed
    }
  });
}
