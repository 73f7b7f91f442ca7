/** Runs in a worker thread: imports a user's module and scores with what it exports, one unit after another. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  callReward,
  lift,
  noVerdict,
  oneLine,
  type Reward,
  type RewardFunction,
  scoringContext,
  type Verdict,
} from '../../core/index.ts';
import { importOwn } from './import-own.ts';
import {
  finished,
  running,
  type WorkAnswer,
  type WorkerReady,
  type WorkerStart,
  type WorkRequest,
} from './protocol.ts';

const { path, timeLimit } = workerData as WorkerStart;
const host = parentPort!;

const reward = await load();

async function load(): Promise<Reward | undefined> {
  const say = (ready: WorkerReady) => host.postMessage(ready);
  try {
    const { exports, hash } = await importOwn(path);
    const found = asModuleReward(exports.default ?? exports.reward, hash.slice(0, 12));
    if (found === undefined)
      say({ kind: 'unusable', message: 'must export a reward or a function, as its default or as `reward`' });
    else
      say({
        kind: 'ready',
        name: found.name,
        version: found.version,
        scope: found.scope,
        minimum: found.minimum,
      });
    return found;
  } catch (thrown) {
    say({ kind: 'unusable', message: oneLine(thrown, 600) });
    return undefined;
  }
}

function asModuleReward(exported: unknown, hash: string): Reward | undefined {
  if (typeof exported === 'function') {
    const check = exported as RewardFunction & { definition?: object };
    // A factory of the catalogue, exported without being called, is meant with its defaults.
    if (check.definition) return (exported as () => Reward)();
    return { ...lift(check), version: hash };
  }
  const candidate = exported as Partial<Reward> | null | undefined;
  const usable = typeof candidate === 'object' && candidate !== null && typeof candidate.score === 'function';
  if (!usable) return undefined;
  return {
    name: candidate.name ?? 'module',
    version: candidate.version ?? hash,
    options: candidate.options ?? {},
    scope: candidate.scope ?? 'sample',
    minimum: candidate.minimum,
    score: (samples, context) => candidate.score!(samples, context),
  };
}

/** How many units may wait for promises at once. */
const concurrency = 16;

host.on('message', (request: WorkRequest) => {
  void work(request);
});

async function work({ units, context, state }: WorkRequest): Promise<void> {
  const states = new Uint8Array(state);
  const fullContext = scoringContext({ ...context });
  const ready: { unit: number; verdicts: string }[] = [];
  let posted = performance.now();
  const post = (done: boolean) => {
    host.postMessage({ kind: 'scored', units: ready.splice(0), done } satisfies WorkAnswer);
    posted = performance.now();
  };
  const keep = (unit: number, verdicts: readonly Verdict[]) => {
    ready.push({ unit, verdicts: plain(verdicts) });
    Atomics.store(states, unit, finished);
    // Often enough that little is lost when a later unit takes the thread with it.
    if (performance.now() - posted > 10) post(false);
  };
  const pending = new Set<Promise<void>>();
  for (const [unit, samples] of units.entries()) {
    Atomics.store(states, unit, running);
    const result = callReward(reward!, samples, fullContext);
    if (!(result instanceof Promise)) keep(unit, result);
    else {
      const one: Promise<void> = withinTime(result, samples.length).then((verdicts) => {
        keep(unit, verdicts);
        pending.delete(one);
      });
      pending.add(one);
      if (pending.size >= concurrency) await Promise.race(pending);
    }
  }
  await Promise.all(pending);
  post(true);
}

function withinTime(result: Promise<readonly Verdict[]>, n: number): Promise<readonly Verdict[]> {
  return new Promise((resolve) => {
    const late = noVerdict('timeout', `the reward took over ${timeLimit / 1000} s`);
    const timer = setTimeout(() => resolve(Array.from({ length: n }, () => late)), timeLimit);
    void result.then((verdicts) => {
      clearTimeout(timer);
      resolve(verdicts);
    });
  });
}

/** As JSON; a verdict that is no plain data (a cycle, a BigInt) is the module's fault. */
function plain(verdicts: readonly Verdict[]): string {
  try {
    return JSON.stringify(verdicts);
  } catch (thrown) {
    const fault = noVerdict('crash', `the reward's verdict is no plain data: ${oneLine(thrown, 120)}`);
    return JSON.stringify(verdicts.map(() => fault));
  }
}
