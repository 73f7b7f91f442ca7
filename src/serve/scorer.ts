import { noVerdict, oneLine, type Verdict } from '../core/index.ts';
import { cacheKey, cacheKeyWithId, verdictCache } from './cache.ts';
import { type GroupMark, groupCollector } from './groups.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ServeOptions } from './options.ts';
import { createPool } from './pool/pool.ts';
import type { PlainSample, RewardSource, ServedReward } from './pool/protocol.ts';
import { Refused } from './routes.ts';

/** One sample to score, as every protocol hands it over. */
export interface ScoreRequest {
  readonly sample: PlainSample;
  /** A served reward by name; the default when left out. */
  readonly reward?: string;
  readonly group?: GroupMark;
}

/** There is no room in the queue: the caller should come back later. */
export class Overloaded extends Error {
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(`too many samples are waiting; try again in ${retryAfter} s`);
    this.name = 'Overloaded';
    this.retryAfter = retryAfter;
  }
}

export interface Scorer {
  readonly rewards: { readonly [served: string]: ServedReward };
  readonly default: string | undefined;
  readonly metrics: Metrics;
  /** Samples that wait or run. */
  readonly load: number;
  /** It takes nothing more, for good. */
  readonly closed: boolean;
  /** Whether so many samples would be admitted now. */
  hasRoom(samples: number): boolean;
  /**
   * The verdicts of samples in order. Throws Overloaded when not all of them find room, and Refused (503) once it is closed;
   * whatever else goes wrong is no verdict of the sample that it happened to.
   */
  score(requests: readonly ScoreRequest[], signal?: AbortSignal): Promise<Verdict[]>;
  /** Groups that wait for samples are given up (`overload`): no request will bring them. */
  closeGroups(): void;
  close(): Promise<void>;
}

/** What metrics call all rewards that are asked for and not served: a name of the caller's is no label. */
const notServed = '(not served)';

/** Routing, cache, groups and threads behind one function that every protocol calls. Throws InputError. */
export async function createScorer(options: ServeOptions, source: RewardSource): Promise<Scorer> {
  const pool = await createPool({ ...options, source });
  const cache = verdictCache(options.cache);
  const groups = groupCollector(
    options.groupSeconds,
    async (reward, samples) => (await pool.score({ reward, samples })).verdicts,
  );
  let closed = false;
  const metrics = createMetrics(() => ({
    load: pool.load + groups.waiting,
    busy: pool.busy,
    replaced: pool.replaced,
    cached: cache.size,
  }));

  const scoreOne = async (
    request: ScoreRequest,
    together: readonly ScoreRequest[],
    signal?: AbortSignal,
  ): Promise<Verdict> => {
    const name = request.reward ?? options.default;
    const about = name !== undefined && Object.hasOwn(pool.rewards, name) ? pool.rewards[name] : undefined;
    const began = performance.now();
    const timed = (verdict: Verdict) => {
      metrics.verdict(about ? name! : notServed, verdict, (performance.now() - began) / 1000);
      return verdict;
    };
    if (name === undefined)
      return timed(noVerdict('unsupported', 'the sample names no reward, and the server has no default'));
    if (about === undefined)
      return timed(noVerdict('unsupported', `no reward '${oneLine(name, 80)}' is served here`));
    const { sample, group } = request;
    if (about.scope === 'batch')
      return timed(noVerdict('unsupported', `'${name}' needs a whole batch, which no request is`));
    if (about.scope === 'group') {
      if (group === undefined)
        return timed(noVerdict('unsupported', `'${name}' needs the whole group: send group { id, size }`));
      return timed(await groups.join({ reward: name, group, sample, request: together, signal }));
    }
    const cached = options.cache > 0 && !about.stateful;
    const key = cached ? cacheKey(name, sample) : '';
    if (cached) {
      const known = cache.get(key) ?? cache.get(cacheKeyWithId(key, sample));
      metrics.cache(known !== undefined);
      if (known !== undefined) return timed(known);
    }
    const { verdicts, readId } = await pool.score({ reward: name, samples: [sample] }, signal);
    const [verdict] = verdicts;
    if (cached) cache.set(readId ? cacheKeyWithId(key, sample) : key, verdict!);
    return timed(verdict!);
  };

  return {
    rewards: pool.rewards,
    default: options.default,
    metrics,
    get load() {
      return pool.load + groups.waiting;
    },
    hasRoom: (samples) => pool.hasRoom(samples + groups.waiting),
    get closed() {
      return closed;
    },
    score: async (requests, signal) => {
      if (closed) throw new Refused(503, 'the server is going down');
      if (!pool.hasRoom(requests.length + groups.waiting)) {
        metrics.refused();
        throw new Overloaded(1);
      }
      return Promise.all(requests.map((request) => scoreOne(request, requests, signal)));
    },
    closeGroups: () => groups.close(),
    close: async () => {
      closed = true;
      groups.close();
      await pool.close();
    },
  };
}
