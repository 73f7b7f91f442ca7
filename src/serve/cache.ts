import { hash } from 'node:crypto';
import type { Verdict } from '../core/index.ts';
import type { PlainSample, ServedReward } from './pool/protocol.ts';

/** Verdicts by content, the least recently used go first. */
export interface VerdictCache {
  get(key: string): Verdict | undefined;
  set(key: string, verdict: Verdict): void;
  readonly size: number;
}

/** Longest verdict that is kept, in characters of JSON: bounds the whole. */
const longest = 4096;

/**
 * A cache of so many verdicts. Only values are kept: what was no verdict may be one the next time.
 */
export function verdictCache(entries: number): VerdictCache {
  const kept = new Map<string, Verdict>();
  return {
    get(key) {
      const found = kept.get(key);
      if (found !== undefined) {
        kept.delete(key);
        kept.set(key, found);
      }
      return found;
    },
    set(key, verdict) {
      if (verdict.value === null) return;
      const plain = verdict.parts === undefined && verdict.spans === undefined;
      if (!plain && JSON.stringify(verdict).length > longest) return;
      kept.set(key, verdict);
      if (kept.size > entries) kept.delete(kept.keys().next().value!);
    },
    get size() {
      return kept.size;
    },
  };
}

/** What a verdict depends on: the reward with its version and options, and all that it may read of the sample. */
export function cacheKey(identity: string, { task, turns }: PlainSample): string {
  const { prompt, answer, data, domain, difficulty } = task;
  return hash(
    'sha256',
    identity + JSON.stringify([prompt, answer, data, domain, difficulty, turns]),
    'base64',
  );
}

export function identityOf({ name, version, options }: ServedReward): string {
  return JSON.stringify([name, version, options]);
}
