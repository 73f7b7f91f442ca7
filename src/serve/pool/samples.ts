import { contentHash, type Sample, type Task, textCompletion } from '../../core/index.ts';
import type { PlainSample, PlainTurn } from './protocol.ts';

/** The samples of one unit as a reward sees them. */
export interface UnitSamples {
  readonly samples: readonly Sample[];
  /** Whether the id of one of them, or of its task, was looked at so far. */
  readonly readId: boolean;
}

/**
 * Samples for a reward. Those whose caller gave no id have one made of their content, when it is asked for: what draws by
 * id draws the same for the same sample, whichever request brings it. Equal samples of a group still have ids of their own.
 */
export function samplesOf(plain: readonly PlainSample[]): UnitSamples {
  let readId = false;
  let made: readonly string[] | undefined;
  const idOf = (at: number): string => {
    readId = true;
    made ??= contentIds(plain);
    return made[at]!;
  };
  const samples = plain.map(({ id, task, turns }, at): Sample => {
    const own: Task = {
      ...task,
      get id() {
        readId = true;
        return task.id ?? contentHash(JSON.stringify(task));
      },
    };
    return {
      get id() {
        readId = true;
        return id ?? idOf(at);
      },
      task: own,
      turns: turns.map((turn) => turnOf(turn, own)),
    };
  });
  return {
    samples,
    get readId() {
      return readId;
    },
  };
}

function turnOf({ context, completion, tokens, observation }: PlainTurn, { prompt }: Task) {
  const turn = { context: context ?? prompt, completion: textCompletion(completion, tokens) };
  return observation === undefined ? turn : { ...turn, observation };
}

function contentIds(plain: readonly PlainSample[]): string[] {
  const seen = new Map<string, number>();
  return plain.map(({ task, turns }) => {
    const hash = contentHash(JSON.stringify([task, turns]));
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    return before === 0 ? hash : `${hash}-${before}`;
  });
}
