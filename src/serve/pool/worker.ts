/** Runs in a worker thread: loads the served rewards and scores units, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  callReward,
  describe,
  memoriesOf,
  noVerdict,
  oneLine,
  type Reward,
  type RewardContext,
  scoringContext,
  type Verdict,
} from '../../core/index.ts';
import { type Loaded, loadRewards } from './load-rewards.ts';
import {
  type Job,
  type JobAnswer,
  now,
  type ServedReward,
  states,
  type Unit,
  type WorkerReady,
  type WorkerStart,
} from './protocol.ts';
import { samplesOf, type UnitSamples } from './samples.ts';

const start = workerData as WorkerStart;
const host = parentPort!;
const context = scoringContext({ stage: 'serve', fuel: start.fuel });
const rewards = await load();

async function load(): Promise<Map<string, Loaded>> {
  const say = (ready: WorkerReady) => host.postMessage(ready);
  try {
    const loaded = await loadRewards(start.source, start);
    const about: Record<string, ServedReward> = Object.create(null);
    for (const [name, { reward }] of loaded) about[name] = told(reward);
    say({ kind: 'ready', rewards: about });
    return loaded;
  } catch (thrown) {
    say({ kind: 'unusable', message: oneLine(thrown) });
    return new Map();
  }
}

function told(reward: Reward): ServedReward {
  return {
    name: reward.name,
    version: reward.version,
    options: describe(reward.options),
    scope: reward.scope,
    minimum: reward.minimum ?? 0,
    trainable: reward.trainable !== false,
    stateful: memoriesOf(reward).length > 0,
  };
}

/** How many units may wait for promises at once. */
const concurrency = 32;

host.on('message', (job: Job) => {
  void work(job);
});

async function work(job: Job): Promise<void> {
  const state = new Int32Array(job.states);
  const started = new Float64Array(job.started);
  const ready: JobAnswer['units'][number][] = [];
  let posted = performance.now();
  const post = (done: boolean) => {
    host.postMessage({ units: ready.splice(0), done } satisfies JobAnswer);
    posted = performance.now();
  };
  const keep = (unit: number, verdicts: readonly Verdict[], readId: boolean) => {
    ready.push({ unit, verdicts: plain(verdicts), ...(readId && { readId }) });
    Atomics.store(state, unit, states.finished);
    // Often enough that what is done does not wait for what is slow, and is not lost with the thread.
    if (performance.now() - posted > 5) post(false);
  };
  const pending = new Set<Promise<void>>();
  for (const [i, unit] of job.units.entries()) {
    started[i] = now();
    if (Atomics.compareExchange(state, i, states.waiting, states.running) !== states.waiting) continue;
    const of = samplesOf(unit.samples, rewards.get(unit.reward)?.looksAtIds);
    const result = scoreUnit(unit, of);
    if (!(result instanceof Promise)) keep(i, result, of.readId);
    else {
      Atomics.store(state, i, states.pending);
      const one: Promise<void> = withinTime(result, unit.samples.length).then((verdicts) => {
        keep(i, verdicts, of.readId);
        pending.delete(one);
      });
      pending.add(one);
      if (ready.length > 0) post(false);
      if (pending.size >= concurrency) await Promise.race(pending);
    }
  }
  await Promise.all(pending);
  post(true);
}

function scoreUnit(unit: Unit, { samples }: UnitSamples): readonly Verdict[] | Promise<readonly Verdict[]> {
  const reward = rewards.get(unit.reward)?.reward;
  if (reward === undefined) return unit.samples.map(() => noVerdict('crash', 'the reward is gone'));
  const group = reward.scope === 'group' ? { task: samples[0]!.task, samples } : undefined;
  return callReward(reward, samples, group ? ({ ...context, group } as RewardContext) : context);
}

function withinTime(result: Promise<readonly Verdict[]>, n: number): Promise<readonly Verdict[]> {
  return new Promise((resolve) => {
    const late = noVerdict('timeout', `the reward took over ${start.seconds} s`);
    const timer = setTimeout(() => resolve(Array.from({ length: n }, () => late)), start.seconds * 1000);
    void result.then((verdicts) => {
      clearTimeout(timer);
      resolve(verdicts);
    });
  });
}

/** As JSON; a verdict that is no plain data (a cycle, a BigInt) is the reward's fault. */
function plain(verdicts: readonly Verdict[]): string {
  try {
    return JSON.stringify(verdicts);
  } catch (thrown) {
    const fault = noVerdict('crash', `the reward's verdict is no plain data: ${oneLine(thrown, 120)}`);
    return JSON.stringify(verdicts.map(() => fault));
  }
}
