import type { Verdict } from '../core/index.ts';
import type { PlainSample } from './pool/protocol.ts';

/** Which group a sample belongs to, and how many samples the whole group has. */
export interface GroupMark {
  readonly id: string;
  readonly size: number;
}

export interface GroupCollector {
  /** Samples that wait for their group. */
  readonly waiting: number;
  /** Resolves with the sample's verdict when its group is whole and scored, or was given up. */
  join(reward: string, group: GroupMark, sample: PlainSample): Promise<Verdict>;
  /** Gives up all groups. */
  close(): void;
}

interface Open {
  readonly size: number;
  readonly members: { readonly sample: PlainSample; readonly resolve: (verdict: Verdict) => void }[];
  readonly timer: NodeJS.Timeout;
}

/**
 * Brings the samples of a group together that come by different requests. `score` gets each whole group once; a group
 * that is not whole in time is `incomplete` for those of it that came.
 */
export function groupCollector(
  seconds: number,
  score: (reward: string, samples: readonly PlainSample[]) => Promise<readonly Verdict[]>,
  incomplete: (group: GroupMark, came: number) => Verdict,
): GroupCollector {
  const open = new Map<string, Open>();
  let waiting = 0;
  const giveUp = (key: string, group: GroupMark) => {
    const { members, timer } = open.get(key)!;
    clearTimeout(timer);
    open.delete(key);
    waiting -= members.length;
    for (const { resolve } of members) resolve(incomplete(group, members.length));
  };
  return {
    get waiting() {
      return waiting;
    },
    join: (reward, group, sample) =>
      new Promise((resolve) => {
        const key = JSON.stringify([reward, group.id, group.size]);
        let found = open.get(key);
        if (found === undefined) {
          const timer = setTimeout(() => giveUp(key, group), seconds * 1000);
          found = { size: group.size, members: [], timer };
          open.set(key, found);
        }
        found.members.push({ sample, resolve });
        waiting++;
        if (found.members.length < found.size) return;
        clearTimeout(found.timer);
        open.delete(key);
        waiting -= found.members.length;
        const { members } = found;
        void score(
          reward,
          members.map((member) => member.sample),
        ).then((verdicts) => {
          for (const [i, member] of members.entries()) member.resolve(verdicts[i]!);
        });
      }),
    close: () => {
      for (const [key, { size }] of [...open]) {
        const [, id] = JSON.parse(key) as [string, string];
        giveUp(key, { id, size });
      }
    },
  };
}
