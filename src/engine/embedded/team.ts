import { setImmediate } from 'node:timers/promises';
import type { Kernels } from './kernels.ts';
import { type Command, lane, type Replies } from './lane.ts';
import type { Layout, Shape } from './layout.ts';

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
  let aborted = false;
  let turn = 0;
  const own = lane(kernels, shape, async () => {
    // Let timers and signals through now and then.
    if (++turn % 8 === 0) await setImmediate();
    return aborted;
  });
  return {
    kernels,
    layout: own.layout,
    lanes: 1,
    run: (_, command) => own.run(command),
    exclusive: queue(),
    abort: (on) => {
      aborted = on;
    },
    close: async () => {},
  };
}

/** A mutex: work starts when all work before it has ended, well or not. */
export function queue(): Team['exclusive'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}
