import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSpec } from '../../catalogue/index.ts';
import { canonicalJson, describe, InputError, type Reward } from '../../core/index.ts';

/** A reward as messages name it. */
export function rewardLabel({ name, version }: Reward): string {
  return `${name} ${version}`;
}

/**
 * A hash of what a reward's verdicts depend on: name, version, options, and the content of the modules that its SPEC names.
 * What such a module imports by path is in its version, unless it states one itself. Throws InputError when a module cannot be read.
 */
export function rewardIdentity(reward: Reward, spec: string): string {
  const { name, version, scope, options } = reward;
  const modules = modulesOf(spec, 0).map((file) => [file, contentOf(file)]);
  const text = canonicalJson({ name, version, scope, options: describe(options), modules });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function contentOf(file: string): string {
  try {
    return createHash('sha256')
      .update(readFileSync(resolve(file)))
      .digest('hex');
  } catch {
    throw new InputError('there is no such module', { file });
  }
}

/** The modules that a SPEC names, also as parts of another reward. */
function modulesOf(spec: unknown, depth: number): string[] {
  if (depth > 16) return []; // such a SPEC was refused when it was loaded
  const read = readSpec(spec);
  if (read.kind === 'module') return [read.path];
  if (read.kind === 'grader') return [];
  const { parts } = read.options;
  if (typeof parts !== 'object' || parts === null) return [];
  return Object.values(parts).flatMap((part) => modulesOf(Array.isArray(part) ? part[0] : part, depth + 1));
}
