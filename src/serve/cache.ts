import { hash } from 'node:crypto';
import type { Verdict } from '../core/index.ts';
import type { PlainSample } from './pool/protocol.ts';

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

/**
 * What a verdict depends on: the reward by the name that it is served by, and all that it may read of the sample but the
 * ids. Its own name and version would not do: functions that close over different values have the same source.
 */
export function cacheKey(served: string, { task, turns }: PlainSample): string {
  const { prompt, answer, data, domain, difficulty } = task;
  return hash('sha256', JSON.stringify([served, prompt, answer, data, domain, difficulty, turns]), 'base64');
}

/** The same for a reward that read an id, which is of the content where the caller gave none. */
export function cacheKeyWithId(key: string, { id, task }: PlainSample): string {
  return id === undefined && task.id === undefined ? `${key} ` : `${key} ${JSON.stringify([id, task.id])}`;
}
