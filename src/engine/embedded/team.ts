import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { oneLine } from '../../core/errors.ts';
import type { Kernels } from './kernels.ts';
import { type Command, type Lane, lane, type Replies } from './lane.ts';
import type { Layout, Shape } from './layout.ts';
import { type WasmSource, wasmKernels } from './wasm/kernels.ts';
import type { WorkerData, WorkerReply } from './worker.ts';

/** The threads of an engine and of its snapshots: they share memory, and lane 0 is the caller's own thread. */
export interface Team {
  readonly kernels: Kernels;
  readonly layout: Layout;
  readonly lanes: number;
  run<C extends Command>(lane: number, command: C): Promise<Replies[C['do']]>;
  /** Runs one piece of work after the other: lanes hold state while they work. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Tells all lanes to give up sampling, or not to. */
  abort(on: boolean): void;
  close(): Promise<void>;
}

/** The caller's thread alone. */
export function soloTeam(kernels: Kernels, shape: Shape): Team {
  return team(kernels, shape, [], new Int32Array(1));
}

/**
 * The caller's thread and `threads - 1` workers over one memory. The workers do not keep the process alive while they
 * are idle. `script` is what they run.
 */
export function threadTeam(
  source: WasmSource,
  shape: Shape,
  threads: number,
  script: URL = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
): Team {
  const aborted = new Int32Array(new SharedArrayBuffer(4));
  const data: WorkerData = { source, shape, aborted };
  const workers = Array.from({ length: threads - 1 }, () => workerLane(script, data));
  return team(wasmKernels(source), shape, workers, aborted);
}

interface WorkerLane extends Lane {
  close(): Promise<void>;
}

function team(kernels: Kernels, shape: Shape, workers: readonly WorkerLane[], aborted: Int32Array): Team {
  let turn = 0;
  const own = lane(kernels, shape, async () => {
    // Let timers and signals through now and then.
    if (++turn % 8 === 0) await setImmediate();
    return Atomics.load(aborted, 0) === 1;
  });
  const lanes: Lane[] = [own, ...workers];
  let last: Promise<unknown> = Promise.resolve();
  return {
    kernels,
    layout: own.layout,
    lanes: lanes.length,
    run: (at, command) => lanes[at]!.run(command),
    exclusive(work) {
      const next = last.then(work, work);
      last = next.catch(() => {});
      return next;
    },
    abort: (on) => void Atomics.store(aborted, 0, on ? 1 : 0),
    close: async () => void (await Promise.all(workers.map((worker) => worker.close()))),
  };
}

/** A lane in a worker thread. When the thread ends, what it was asked and all that it is asked later fails. */
function workerLane(script: URL, data: WorkerData): WorkerLane {
  const worker = new Worker(script, { workerData: data });
  const waiting = new Map<number, { resolve: (reply: never) => void; reject: (error: Error) => void }>();
  let next = 0;
  let ended: Error | undefined;
  worker.unref();

  function settle(
    id: number,
  ): { resolve: (reply: never) => void; reject: (error: Error) => void } | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return one;
  }
  function end(why: string): void {
    ended ??= new Error(`a worker thread of the engine ended: ${why}`);
    for (const id of [...waiting.keys()]) settle(id)!.reject(ended);
  }
  worker.on('message', (message: WorkerReply) => {
    const one = settle(message.id);
    if ('failed' in message) one?.reject(new Error(`in a worker thread of the engine: ${message.failed}`));
    else one?.resolve(message.reply as never);
  });
  worker.on('error', (thrown) => end(oneLine(thrown)));
  worker.on('exit', (code) => end(`exit code ${code}`));

  return {
    run(command) {
      return new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        worker.ref();
        waiting.set(++next, { resolve, reject });
        worker.postMessage({ id: next, command });
      });
    },
    async close() {
      ended ??= new Error('the engine is closed');
      await worker.terminate();
    },
  };
}
