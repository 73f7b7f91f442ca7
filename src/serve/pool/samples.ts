import { contentHash, type Sample, type Task, textCompletion } from '../../core/index.ts';
import type { PlainSample, PlainTurn } from './protocol.ts';

/** The samples of one unit as a reward sees them. */
export interface UnitSamples {
  readonly samples: readonly Sample[];
  /** Whether the id of one of them, or of its task, was looked at so far. */
  readonly readId: boolean;
}

/** What the ids of a unit's samples are made of. */
interface Ids {
  readonly plain: readonly PlainSample[];
  readId: boolean;
  made?: readonly string[];
}

/**
 * Samples for a reward. Those whose caller gave no id have one made of their content, when it is asked for: what draws by
 * id draws the same for the same sample, whichever request brings it. Equal samples of a group still have ids of their own.
 * For a reward that is known not to look at ids there is nothing to make or to watch.
 */
export function samplesOf(plain: readonly PlainSample[], looksAtIds = true): UnitSamples {
  if (!looksAtIds) return { samples: plain.map(withoutIds), readId: false };
  const ids: Ids = { plain, readId: false };
  const samples: Sample[] = [];
  for (let at = 0; at < plain.length; at++) {
    const { task, turns } = plain[at]!;
    const own = withId({ ...task, [idsOf]: ids, [placeOf]: at }, taskId);
    const said = turns.map((turn) => turnOf(turn, own));
    samples.push(withId({ task: own, turns: said, [idsOf]: ids, [placeOf]: at }, sampleId));
  }
  return {
    samples,
    get readId() {
      return ids.readId;
    },
  };
}

function withoutIds({ id = '', task, turns }: PlainSample): Sample {
  const own = { id: '', ...task };
  return { id, task: own, turns: turns.map((turn) => turnOf(turn, own)) };
}

const idsOf = Symbol('ids');
const placeOf = Symbol('place');
interface Identified {
  readonly [idsOf]: Ids;
  readonly [placeOf]: number;
}

/**
 * The getters are properties of the object itself, so that copies of it have the id, and the same two functions for all: an
 * object literal with getters takes twice as long to make.
 */
const withId = <T extends Identified>(one: T, id: PropertyDescriptor) =>
  Object.defineProperty(one, 'id', id) as T & { readonly id: string };

const sampleId: PropertyDescriptor = {
  get(this: Identified): string {
    const { [idsOf]: ids, [placeOf]: at } = this;
    ids.readId = true;
    const { id } = ids.plain[at]!;
    if (id === undefined) ids.made ??= contentIds(ids.plain);
    return id ?? ids.made![at]!;
  },
  enumerable: true,
};

const taskId: PropertyDescriptor = {
  get(this: Identified): string {
    const ids = this[idsOf];
    ids.readId = true;
    const { task } = ids.plain[this[placeOf]]!;
    return task.id ?? contentHash(JSON.stringify(task));
  },
  enumerable: true,
};

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
