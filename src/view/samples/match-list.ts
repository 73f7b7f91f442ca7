/** A sample that was found, or without a position a place up to which none was found and the search paused. */
export interface Place {
  readonly step: number;
  readonly position?: number;
  /** What goes on after it: a row of the text index, or a position in the step. As text: `cursorOf`. */
  readonly after: number;
}

/** The samples that a query finds, in its order: any of them is near, also the middle one of a million. */
export interface MatchList {
  /** How many were found so far. */
  readonly found: number;
  readonly bytes: number;
  /** Where the search is; undefined before its first place. */
  readonly last: Place | undefined;
  /** The state of the run in which everything was looked at; undefined while there is more. */
  whole: string | undefined;
  /** The next place of the search. `n`: samples of its step; a place beyond them is of a sample that is gone. */
  add(place: Place, n: number): void;
  /** Places from the one with this number on. */
  from(offset: number): Generator<{ readonly step: number; readonly position: number }>;
}

/**
 * A bit a sample of each step in which something was found, so that a filter which a million samples pass takes 160 kB. Places must
 * come in the order of the query.
 */
export function createMatchList(order: 'asc' | 'desc'): MatchList {
  let bits = new Uint8Array(64);
  let used = 0;
  let found = 0;
  let last: Place | undefined;
  /** By step in which something was found: the step, its samples, matches before it, and where its bits begin. */
  const entries: {
    readonly step: number;
    readonly n: number;
    readonly before: number;
    readonly at: number;
  }[] = [];

  return {
    get found() {
      return found;
    },
    get bytes() {
      return bits.length + entries.length * 64;
    },
    get last() {
      return last;
    },
    whole: undefined,
    add: (place, n) => {
      last = place;
      const { step, position } = place;
      if (position === undefined || position >= n) return;
      let entry = entries.at(-1);
      if (entry?.step !== step) {
        entry = { step, n, before: found, at: used };
        entries.push(entry);
        used += (n + 7) >> 3;
        while (used > bits.length) {
          const longer = new Uint8Array(2 * bits.length);
          longer.set(bits);
          bits = longer;
        }
      }
      bits[entry.at + (position >> 3)]! |= 1 << (position & 7);
      found++;
    },
    from: function* (offset) {
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle]!.before <= offset) low = middle + 1;
        else high = middle;
      }
      let skip = offset - (entries[low - 1]?.before ?? 0);
      for (let e = Math.max(0, low - 1); e < entries.length; e++) {
        const { step, n, at } = entries[e]!;
        for (let k = 0; k < n; k++) {
          const position = order === 'asc' ? k : n - 1 - k;
          if ((bits[at + (position >> 3)]! & (1 << (position & 7))) === 0) continue;
          if (skip > 0) skip--;
          else yield { step, position };
        }
      }
    },
  };
}

/** The lists of the queries that were asked last. */
export interface MatchLists {
  /** The list of this key, a new one where there is none any more. */
  get(key: string, order: 'asc' | 'desc'): MatchList;
}

const most = { lists: 64, bytes: 16e6 };

export function createMatchLists(
  limits: { readonly lists: number; readonly bytes: number } = most,
): MatchLists {
  const lists = new Map<string, MatchList>();
  return {
    get: (key, order) => {
      const list = lists.get(key) ?? createMatchList(order);
      lists.delete(key);
      let bytes = list.bytes;
      let kept = 1;
      // The newest are at the end; what was not asked for longest goes, and is made again when somebody asks.
      for (const [other, { bytes: own }] of [...lists].reverse()) {
        bytes += own;
        if (++kept > limits.lists || bytes > limits.bytes) lists.delete(other);
      }
      lists.set(key, list);
      return list;
    },
  };
}
