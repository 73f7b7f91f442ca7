import { readFileSync } from 'node:fs';

/** The package's version; package.json is two folders up from the sources and three from the compiled files. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json'])
    try {
      const about = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (about.name === 'assay') return about.version;
    } catch {
      // not there: the other one is
    }
  return 'unknown';
}
