import type { Worker } from 'node:worker_threads';
import { asVerdict, type Cause, noVerdict, oneLine, type Verdict } from '../../core/index.ts';
import {
  type JobAnswer,
  now,
  type Scored,
  type ServedReward,
  states,
  type Unit,
  type WorkerStart,
} from './protocol.ts';
import { Queue } from './queue.ts';
import { type StartedWorker, startWorker } from './slot.ts';

export interface PoolOptions extends WorkerStart {
  readonly workers: number;
  /** How many samples may wait or run. */
  readonly queue: number;
  readonly queueSeconds: number;
}

export interface Pool {
  readonly rewards: { readonly [served: string]: ServedReward };
  /** Samples that wait or run. */
  readonly load: number;
  readonly busy: number;
  /** Threads that were replaced. */
  readonly replaced: number;
  /** Room for this many more samples. */
  hasRoom(samples: number): boolean;
  /** Scores one unit; always resolves. Check `hasRoom` first. */
  score(unit: Unit, signal?: AbortSignal): Promise<Scored>;
  close(): Promise<void>;
}

interface Waiting {
  readonly unit: Unit;
  readonly since: number;
  readonly signal?: AbortSignal;
  readonly resolve: (scored: Scored) => void;
  /** It was under way, with others, when a thread ended: it runs alone from now on. */
  suspect?: boolean;
}

interface Slot {
  thread?: Worker;
  job?: RunningJob;
}

interface RunningJob {
  readonly units: readonly Waiting[];
  readonly state: Int32Array;
  readonly started: Float64Array;
  /** Per unit: its verdicts are known, or it waits again; what the thread says later of it does not count. */
  readonly told: Uint8Array;
}

/** Most units of one job. */
const chunk = 64;
/** A unit that holds its thread this long, ms: what waits behind it goes to other threads. */
const slow = 50;
/** What a thread gets, ms, past the limit of a promise to answer by itself. */
const grace = 1000;

/**
 * Worker threads that score units under a hard outer clock. A unit that holds its thread over `seconds` is no verdict
 * (`timeout`), one that ends its thread is no verdict (`crash`); the thread is replaced and the other units go on. Throws
 * InputError when the rewards cannot be loaded.
 */
export async function createPool(options: PoolOptions): Promise<Pool> {
  const { seconds, queueSeconds } = options;
  const data: WorkerStart = {
    source: options.source,
    seconds,
    memory: options.memory,
    fuel: options.fuel,
  };
  const queue = new Queue<Waiting>();
  const slots: Slot[] = Array.from({ length: options.workers }, () => ({}));
  let load = 0;
  let replaced = 0;
  let closed = false;

  const finish = (one: Waiting, verdicts: readonly Verdict[], readId = false) => {
    load -= one.unit.samples.length;
    one.resolve({ verdicts, readId });
  };
  const fail = (one: Waiting, cause: Cause, reason: string) =>
    finish(
      one,
      one.unit.samples.map(() => noVerdict(cause, reason)),
    );

  /** The next unit that is still wanted. */
  const next = (): Waiting | undefined => {
    for (;;) {
      const one = queue.shift();
      if (one === undefined) return undefined;
      if (one.signal?.aborted) fail(one, 'overload', 'the caller left before it was scored');
      else return one;
    }
  };

  const pump = () => {
    if (closed) return;
    for (const slot of slots) {
      if (slot.thread === undefined || slot.job !== undefined || queue.length === 0) continue;
      const most = Math.max(1, Math.min(chunk, Math.ceil(queue.length / slots.length)));
      const units: Waiting[] = [];
      while (units.length < most) {
        if (units.length > 0 && queue.peek()?.suspect) break;
        const one = next();
        if (one === undefined) break;
        units.push(one);
        if (one.suspect) break;
      }
      if (units.length === 0) continue;
      const shared = new SharedArrayBuffer(4 * units.length);
      const clocks = new SharedArrayBuffer(8 * units.length);
      slot.job = {
        units,
        state: new Int32Array(shared),
        started: new Float64Array(clocks),
        told: new Uint8Array(units.length),
      };
      slot.thread.postMessage({ units: units.map(({ unit }) => unit), states: shared, started: clocks });
    }
  };

  const attach = (slot: Slot, { thread }: StartedWorker) => {
    slot.thread = thread;
    thread.on('message', ({ units, done }: JobAnswer) => {
      const { job } = slot;
      if (slot.thread !== thread || job === undefined) return;
      for (const { unit, verdicts, readId } of units) {
        if (job.told[unit]) continue;
        job.told[unit] = 1;
        finish(job.units[unit]!, (JSON.parse(verdicts) as Verdict[]).map(asVerdict), readId);
      }
      if (!done) return;
      slot.job = undefined;
      pump();
    });
    thread.on('error', (error: NodeJS.ErrnoException) => {
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      end(
        slot,
        thread,
        memory ? 'the reward went over its memory limit' : `the reward ended its thread: ${oneLine(error)}`,
      );
    });
    thread.on('exit', () => end(slot, thread, 'the reward ended its thread'));
  };

  /** A thread is gone, or has to go: whose fault it was gets its verdict, the others wait again. */
  const end = (slot: Slot, thread: Worker, reason: string, late: readonly number[] = []) => {
    if (slot.thread !== thread) return;
    const { job } = slot;
    slot.thread = undefined;
    slot.job = undefined;
    if (closed) return;
    replaced++;
    void thread.terminate();
    if (job !== undefined) {
      const open = [...job.units.keys()].filter((i) => !job.told[i]);
      const inState = (of: number) => open.filter((i) => Atomics.load(job.state, i) === of);
      const blocking = inState(states.running);
      const pending = inState(states.pending);
      const guilty =
        late.length > 0 ? late : blocking.length > 0 ? blocking : pending.length === 1 ? pending : [];
      const again: Waiting[] = [];
      for (const i of open) {
        const one = job.units[i]!;
        const underWay = blocking.includes(i) || pending.includes(i);
        if (guilty.includes(i)) fail(one, late.length > 0 ? 'timeout' : 'crash', reason);
        else if (underWay && one.suspect) fail(one, 'crash', reason);
        else {
          // Several were under way when the thread ended: each alone, to see whose fault it was.
          if (underWay) one.suspect = true;
          again.push(one);
        }
      }
      queue.putBack(again);
    }
    void restart(slot);
  };

  /** From the first replacement on, one thread more is kept ready: what ended a thread once will do so again. */
  let spare: StartedWorker | undefined;
  const keepSpare = async (): Promise<void> => {
    const started = await startWorker(data).catch(() => undefined);
    if (started === undefined) return;
    if (closed || spare !== undefined) {
      await started.thread.terminate();
      return;
    }
    spare = started;
    started.thread.once('exit', () => {
      if (spare === started) spare = undefined;
    });
  };

  const restart = async (slot: Slot, wait = 100): Promise<void> => {
    const replacement = replaced > 0;
    try {
      if (spare !== undefined) {
        const ready = spare;
        spare = undefined;
        attach(slot, ready);
        pump();
        return;
      }
      const started = await startWorker(data);
      if (closed) await started.thread.terminate();
      else {
        attach(slot, started);
        pump();
      }
    } catch {
      if (closed) return;
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
      if (!closed) await restart(slot, Math.min(5000, 2 * wait));
    } finally {
      if (replacement && !closed && spare === undefined) void keepSpare();
    }
  };

  const watch = () => {
    const time = now();
    for (const slot of slots) {
      const { thread, job } = slot;
      if (thread === undefined || job === undefined) continue;
      const late: number[] = [];
      let blocked = false;
      for (const i of job.units.keys()) {
        const state = Atomics.load(job.state, i);
        const ran = time - job.started[i]!;
        if (state === states.running) {
          if (ran > slow) blocked = true;
          if (ran > seconds * 1000 && !job.told[i]) late.push(i);
        } else if (state === states.pending && ran > seconds * 1000 + grace) late.push(i);
      }
      if (late.length > 0) end(slot, thread, `the reward took over ${seconds} s`, late);
      else if (blocked) queue.putBack(takeBack(job));
    }
    for (let first = queue.peek(); first && time - first.since > queueSeconds * 1000; first = queue.peek())
      fail(queue.shift()!, 'overload', `waited over ${queueSeconds} s for a thread`);
    pump();
  };

  const first = await startWorker(data);
  attach(slots[0]!, first);
  await Promise.all(slots.slice(1).map((slot) => restart(slot)));
  const clock = setInterval(watch, Math.min(25, (seconds * 1000) / 4));

  return {
    rewards: first.rewards,
    get load() {
      return load;
    },
    get busy() {
      return slots.filter(({ job }) => job !== undefined).length;
    },
    get replaced() {
      return replaced;
    },
    hasRoom: (samples) => !closed && load + samples <= options.queue,
    score: (unit, signal) =>
      new Promise((resolve) => {
        load += unit.samples.length;
        queue.push({ unit, since: now(), signal, resolve });
        pump();
      }),
    close: async () => {
      closed = true;
      clearInterval(clock);
      await spare?.thread.terminate();
      for (let one = queue.shift(); one; one = queue.shift())
        fail(one, 'overload', 'the server is going down');
      await Promise.all(
        slots.map(async (slot) => {
          for (const [i, one] of slot.job?.units.entries() ?? [])
            if (!slot.job!.told[i]) fail(one, 'overload', 'the server is going down');
          slot.job = undefined;
          await slot.thread?.terminate();
        }),
      );
    },
  };
}

/**
 * The units of a blocked thread that need not wait for it: those that it has not begun, and those that it has finished
 * and could not tell yet.
 */
function takeBack(job: RunningJob): Waiting[] {
  return job.units.filter((_, i) => {
    if (job.told[i]) return false;
    const before = Atomics.compareExchange(job.state, i, states.waiting, states.withdrawn);
    if (before !== states.waiting && before !== states.finished) return false;
    job.told[i] = 1;
    return true;
  });
}
