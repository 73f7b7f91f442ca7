import {
  asReward,
  described,
  type Reward,
  type RewardContext,
  type Sample,
  type Verdict,
} from '../core/index.ts';
import { type Parts, partOf, requireParts } from './parts.ts';
import { scoreWithin, widest } from './scoped.ts';

/** The verdicts so far of one sample, by part; a part that was not asked is not there. */
export type Asked = ReadonlyMap<string, Verdict>;

/**
 * A reward made of parts that are asked one after another, each only about the samples that are still open. `open` says
 * whether the next part is asked about a sample, given what the earlier ones said; `decide` makes the verdict. A part of
 * group or batch scope is asked about all samples as soon as one of them is open: it needs its whole group.
 */
export function inOrder(
  name: string,
  parts: Parts,
  options: { readonly [option: string]: unknown },
  open: (asked: Asked, next: string, sample: Sample<unknown>) => boolean,
  decide: (asked: Asked, sample: Sample<unknown>) => Verdict,
): Reward {
  requireParts(name, parts);
  const named = Object.entries(parts).map(
    ([part, reward]) => [part, asReward(reward, partOf(name, part))] as const,
  );
  const scope = widest(named.map(([, reward]) => reward.scope));
  return described(
    name,
    '1',
    { parts: Object.fromEntries(named), ...options },
    {
      scope,
      trainable: named.every(([, reward]) => reward.trainable !== false),
      minimum: Math.min(...named.map(([, reward]) => reward.minimum ?? 0)),
      children: Object.fromEntries(named),
      score: (samples: readonly Sample<unknown>[], context: RewardContext) => {
        const asked = samples.map(() => new Map<string, Verdict>());
        const finish = () => samples.map((sample, i) => decide(asked[i]!, sample));
        const step = (k: number): readonly Verdict[] | Promise<readonly Verdict[]> => {
          for (; k < named.length; k++) {
            const [part, reward] = named[k]!;
            const waiting = samples.map((sample, i) => k === 0 || open(asked[i]!, part, sample));
            if (!waiting.includes(true)) continue;
            const all = reward.scope !== 'sample';
            const members = all ? samples : samples.filter((_, i) => waiting[i]);
            const result = scoreWithin(reward, scope, members, context);
            const keep = (verdicts: readonly Verdict[]) => {
              let next = 0;
              samples.forEach((_, i) => {
                const verdict = all ? verdicts[i] : waiting[i] ? verdicts[next++] : undefined;
                if (waiting[i] && verdict) asked[i]!.set(part, verdict);
              });
            };
            if (result instanceof Promise)
              return result.then((verdicts) => {
                keep(verdicts);
                return step(k + 1);
              });
            keep(result);
          }
          return finish();
        };
        return step(0);
      },
    },
  );
}

/** The parts' verdicts under their names, for the combined verdict, and the answer and place of the one that decided. */
export function details(
  asked: Asked,
  decided?: Verdict,
): Pick<Verdict, 'parts' | 'answer' | 'at' | 'spans' | 'confidence'> {
  const parts: Record<string, Verdict> = Object.create(null);
  for (const [name, verdict] of asked) parts[name] = verdict;
  const { answer, at, spans, confidence } = decided ?? {};
  return {
    parts,
    ...(answer !== undefined ? { answer } : {}),
    ...(at !== undefined ? { at } : {}),
    ...(spans !== undefined ? { spans } : {}),
    ...(confidence !== undefined ? { confidence } : {}),
  };
}
