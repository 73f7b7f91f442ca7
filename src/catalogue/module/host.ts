import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  asVerdict,
  InputError,
  noVerdict,
  oneLine,
  type Reward,
  type RewardContext,
  type Sample,
  type Verdict,
} from '../../core/index.ts';
import {
  running,
  type WorkAnswer,
  type WorkerReady,
  type WorkerStart,
  type WorkRequest,
} from './protocol.ts';

export interface ModuleLimits {
  /** Seconds that one sample (or group) may take. Default 10. An outer guard: what it stops is no verdict. */
  readonly seconds?: number;
  /** MiB of heap. Default 512. */
  readonly memory?: number;
  /** What a relative path of a module starts from. Default: the working folder. */
  readonly folder?: string;
}

/** A verdict that is not known yet because the worker ended on the way. */
type Partial = (readonly Verdict[] | undefined)[];

/**
 * A reward that a module exports (as its default or as `reward`: a reward, or a function of a sample), run in a worker
 * thread with a time and a memory limit. A sample that exceeds one, or that takes the worker down, is no verdict
 * (`timeout`, `crash`); the worker is replaced and the others are scored. This guards a run against its user's own bugs;
 * it is no sandbox. Throws InputError when the module cannot be loaded.
 */
export async function moduleReward(
  file: string,
  limits: ModuleLimits = {},
): Promise<{ reward: Reward; close(): Promise<void> }> {
  const { seconds = 10, memory = 512, folder = '' } = limits;
  const path = resolve(folder, file);
  if (!existsSync(path)) throw new InputError('there is no such module', { file });
  const start = () => startWorker({ path, timeLimit: seconds * 1000 }, memory, file);
  let worker = await start();
  let queue: Promise<unknown> = Promise.resolve();

  /** Scores units with one worker until they are done or it ends; what it left open is undefined. */
  const attempt = async (units: readonly (readonly Sample<unknown>[])[], context: RewardContext) => {
    const verdicts: Partial = units.map(() => undefined);
    const ended = await exchange(worker.thread, units, context, seconds * 1000, verdicts);
    if (ended === undefined) return { verdicts, blamed: [] as number[] };
    await worker.thread.terminate();
    worker = await start();
    const open = ended.running.filter((unit) => verdicts[unit] === undefined);
    if (open.length === 1 || ended.verdict.cause === 'timeout')
      for (const unit of open) verdicts[unit] = units[unit]!.map(() => ended.verdict);
    return { verdicts, blamed: open };
  };

  const scoreUnits = async (units: readonly (readonly Sample<unknown>[])[], context: RewardContext) => {
    const all: Partial = units.map(() => undefined);
    let left = units.map((_, i) => i);
    while (left.length > 0) {
      const { verdicts, blamed } = await attempt(
        left.map((i) => units[i]!),
        context,
      );
      for (const [k, i] of left.entries()) all[i] = verdicts[k];
      // A worker that ends before anything runs would end again: the first unit left takes the blame.
      if (blamed.length === 0 && verdicts.every((one) => one === undefined))
        all[left[0]!] = units[left[0]!]!.map(() => noVerdict('crash', 'the reward ended its worker'));
      // Several were under way when it ended: each alone, to see whose fault it was.
      if (blamed.length > 1)
        for (const k of blamed) {
          const i = left[k]!;
          if (all[i] !== undefined) continue;
          all[i] = (await attempt([units[i]!], context)).verdicts[0];
        }
      left = left.filter((i) => all[i] === undefined);
    }
    return all as (readonly Verdict[])[];
  };

  const reward: Reward = {
    name: worker.ready.name,
    version: worker.ready.version,
    options: { module: file, seconds, memory },
    scope: worker.ready.scope,
    minimum: worker.ready.minimum,
    score: (samples, context) => {
      const units = worker.ready.scope === 'sample' ? samples.map((sample) => [sample]) : [samples];
      const result = queue.then(() => scoreUnits(units, context)).then((verdicts) => verdicts.flat());
      queue = result.catch(() => {});
      return result;
    },
  };
  return {
    reward,
    close: async () => {
      await worker.thread.terminate();
    },
  };
}

type Ready = Extract<WorkerReady, { kind: 'ready' }>;

async function startWorker(
  data: WorkerStart,
  memory: number,
  file: string,
): Promise<{ thread: Worker; ready: Ready }> {
  // Sources run as they are in a checkout; the package holds them compiled.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  const thread = new Worker(entry, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
    stdout: true,
    stderr: true,
  });
  // What the module prints is for the person, never for a program that reads our output.
  thread.stdout.on('data', (chunk) => process.stderr.write(chunk));
  thread.stderr.on('data', (chunk) => process.stderr.write(chunk));
  const ready = await new Promise<WorkerReady>((resolve) => {
    const unusable = (message: string) => resolve({ kind: 'unusable', message });
    const timer = setTimeout(() => unusable('did not load within 30 s'), 30_000);
    const settle = (ready: WorkerReady) => {
      clearTimeout(timer);
      resolve(ready);
    };
    thread.once('message', settle);
    thread.once('error', (error) =>
      settle({ kind: 'unusable', message: `cannot be loaded: ${oneLine(error)}` }),
    );
    thread.once('exit', () => settle({ kind: 'unusable', message: 'ended the process while it was loaded' }));
  });
  thread.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  thread.on('error', () => {});
  if (ready.kind === 'unusable') {
    await thread.terminate();
    throw new InputError(ready.message, { file });
  }
  thread.unref(); // an idle worker does not keep the process
  return { thread, ready };
}

/** Why an exchange ended before all units were scored: the verdict of the unit at fault, and which were under way. */
interface Ended {
  readonly verdict: Verdict;
  readonly running: readonly number[];
}

function exchange(
  thread: Worker,
  units: readonly (readonly Sample<unknown>[])[],
  context: RewardContext,
  timeLimit: number,
  verdicts: Partial,
): Promise<Ended | undefined> {
  const state = new SharedArrayBuffer(units.length);
  const states = new Uint8Array(state);
  const { step, totalSteps, stage, phase, fuel } = context;
  thread.ref();
  return new Promise((resolve) => {
    let seen = '';
    let since = performance.now();
    const runningNow = () => [...states.keys()].filter((unit) => Atomics.load(states, unit) === running);
    const settle = (ended?: Ended) => {
      clearInterval(clock);
      thread.removeListener('message', listen);
      thread.removeListener('error', onError);
      thread.removeListener('exit', onExit);
      thread.unref();
      resolve(ended);
    };
    const listen = (answer: WorkAnswer) => {
      for (const { unit, verdicts: text } of answer.units)
        verdicts[unit] = (JSON.parse(text) as Verdict[]).map(asVerdict);
      if (answer.done) settle();
    };
    const crashed = (reason: string) =>
      settle({ verdict: noVerdict('crash', reason), running: runningNow() });
    const onError = (error: NodeJS.ErrnoException) =>
      crashed(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'the reward went over its memory limit'
          : `the reward ended its worker: ${oneLine(error)}`,
      );
    const onExit = () => crashed('the reward ended its worker');
    // Nothing new started or finished for the whole limit, plus a margin in which pending promises time out by themselves.
    const clock = setInterval(
      () => {
        const now = Buffer.from(states).toString('latin1');
        if (now !== seen) {
          seen = now;
          since = performance.now();
        } else if (performance.now() - since > timeLimit + 200) {
          const verdict = noVerdict('timeout', `the reward took over ${timeLimit / 1000} s`);
          settle({ verdict, running: runningNow().slice(-1) });
        }
      },
      Math.min(100, timeLimit / 2),
    );
    thread.on('message', listen);
    thread.once('error', onError);
    thread.once('exit', onExit);
    thread.postMessage({
      units,
      context: { step, totalSteps, stage, phase, fuel },
      state,
    } satisfies WorkRequest);
  });
}
