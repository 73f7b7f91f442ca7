import { noVerdict, oneLine, type Verdict } from '../core/index.ts';
import { cacheKey } from './cache.ts';
import type { PlainSample } from './pool/protocol.ts';

/** Which group a sample belongs to, and how many samples the whole group has. */
export interface GroupMark {
  readonly id: string;
  readonly size: number;
}

/** A sample that comes to its group. */
export interface Arrival {
  readonly reward: string;
  readonly group: GroupMark;
  readonly sample: PlainSample;
  /** The request that brought it: a sample with the same id by another request is the same sample once more. */
  readonly request: object;
  /** Fires when the caller is gone: the sample then leaves its group, if that is not scored yet. */
  readonly signal?: AbortSignal;
}

export interface GroupCollector {
  /** Samples that wait for their group. */
  readonly waiting: number;
  /** Resolves with the sample's verdict when its group is whole and scored, or was given up. */
  join(arrival: Arrival): Promise<Verdict>;
  /** Gives up all groups, and those that come later and are not whole at once: the server is going down. */
  close(): void;
}

interface Member extends Arrival {
  /** Takes it out of its group. */
  depart(): void;
  resolve(verdict: Verdict): void;
}

interface Open {
  readonly members: Set<Member>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Brings the samples of a group together that come by different requests. `score` gets each whole group once. Samples
 * belong together that name the same group, of the same size, for the same reward, and have the same prompt and reference.
 * A group that is not whole in time is no verdict (`unsupported`) for those of it that came.
 */
export function groupCollector(
  seconds: number,
  score: (reward: string, samples: readonly PlainSample[]) => Promise<readonly Verdict[]>,
): GroupCollector {
  const open = new Map<string, Open>();
  let waiting = 0;
  let closed = false;
  const giveUp = (key: string, verdictOf: (member: Member, came: number) => Verdict) => {
    const { members } = open.get(key)!;
    const came = members.size;
    for (const member of [...members]) leave(member, verdictOf(member, came));
  };
  const closeOpen = () => {
    for (const key of [...open.keys()]) giveUp(key, () => noVerdict('overload', 'the server is going down'));
  };
  const begin = (key: string): Open => {
    const timer = setTimeout(
      () =>
        giveUp(key, ({ group: { id, size } }, came) =>
          noVerdict('unsupported', `${came} of ${size} samples of group '${oneLine(id, 60)}' came in time`),
        ),
      seconds * 1000,
    );
    const found = { members: new Set<Member>(), timer };
    open.set(key, found);
    return found;
  };
  return {
    get waiting() {
      return waiting;
    },
    join: (arrival) =>
      new Promise((resolve) => {
        const { reward, group, sample, request, signal } = arrival;
        if (signal?.aborted) return resolve(gone);
        const { prompt, answer } = sample.task;
        const about = cacheKey(reward, { task: { prompt, answer }, turns: [] });
        const key = JSON.stringify([about, group.id, group.size]);
        const { members, timer } = open.get(key) ?? begin(key);
        const member: Member = {
          ...arrival,
          resolve,
          depart: () => {
            members.delete(member);
            waiting--;
            signal?.removeEventListener('abort', abort);
            if (members.size > 0) return;
            clearTimeout(timer);
            open.delete(key);
          },
        };
        const abort = () => leave(member, gone);
        signal?.addEventListener('abort', abort, { once: true });
        members.add(member);
        waiting++;
        for (const other of members)
          if (sample.id !== undefined && other.sample.id === sample.id && other.request !== request)
            leave(other, cameAgain(sample.id));
        if (members.size < group.size) {
          // The rest of it may be in the same request, whose samples come one after the other.
          if (closed) setImmediate(closeOpen);
          return;
        }
        const whole = [...members];
        for (const one of whole) one.depart();
        const samples = whole.map((one) => one.sample);
        void score(reward, samples).then((verdicts) => {
          for (const [i, one] of whole.entries()) one.resolve(verdicts[i]!);
        });
      }),
    close: () => {
      closed = true;
      closeOpen();
    },
  };
}

function leave(member: Member, verdict: Verdict): void {
  member.depart();
  member.resolve(verdict);
}

const cameAgain = (id: string) =>
  noVerdict('unsupported', `another request brought the sample '${oneLine(id, 60)}' of this group again`);
const gone = noVerdict('overload', 'the caller left before its group was whole');
