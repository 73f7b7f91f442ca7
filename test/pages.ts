import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The code blocks of a language on a page, without the indentation of the list that they stand in. */
export function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '..', page), 'utf8');
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))].map(
    ([, indent, code]) => code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}
