import type { ServerResponse } from 'node:http';
import type { EvaluationRecord, Store } from '../store/index.ts';
import type { LiveEvents, LiveStep } from './api.ts';
import { finite } from './metrics.ts';
import { presentEvaluation, presentEvent } from './run-page.ts';
import type { RunRows } from './runs.ts';
import { isSettled } from './settled.ts';
import type { Source } from './source.ts';

/** How often the store is asked whether anything changed; that costs microseconds. */
const pollMilliseconds = 400;
/** A run that stalls writes nothing: so often the rows are looked at all the same. */
const idleMilliseconds = 5000;
const keepAliveMilliseconds = 15_000;
/** A page that is further behind loads its charts anew. */
const mostSteps = 200;
const mostListeners = 100;
/** A page that does not read (a sleeping tab) is let go; it comes back by itself. */
const mostBuffered = 4e6;

export interface Live {
  /** Sends what is new to this response from now on, until it is closed. False where there are too many already. */
  add(response: ServerResponse, want: { readonly run?: string; readonly from?: number }): boolean;
  close(): void;
}

interface Listener {
  readonly response: ServerResponse;
  readonly look: (store: Store | undefined) => void;
}

/** One timer looks for what is new, for all pages that listen. */
export function createLive(source: Source, rows: RunRows): Live {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let kept = Date.now();
  let looked = { version: -1, at: 0, found: false };

  const poll = () => {
    let store: Store | undefined;
    try {
      store = source.store();
    } catch {
      return; // it cannot be read now; the next look may
    }
    const now = { version: source.version, at: Date.now(), found: store !== undefined };
    const isNew = now.version !== looked.version || now.found !== looked.found;
    const due = isNew || now.at - looked.at > idleMilliseconds;
    if (due) looked = now;
    const alive = Date.now() - kept > keepAliveMilliseconds;
    if (alive) kept = Date.now();
    for (const listener of listeners) {
      if (listener.response.writableLength > mostBuffered) {
        listener.response.destroy();
        continue;
      }
      if (alive) listener.response.write(': still here\n\n');
      if (due) lookFor(listener, () => store);
    }
  };
  const lookFor = (listener: Listener, store: () => Store | undefined) => {
    try {
      listener.look(store());
    } catch {
      listener.response.end(); // the page connects again and hears what is wrong
    }
  };

  return {
    add: (response, { run, from }) => {
      if (listeners.size >= mostListeners) return false;
      const send = <Name extends keyof LiveEvents>(name: Name, body: LiveEvents[Name], id?: number) => {
        response.write(
          `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(body)}\n\n`,
        );
      };
      const look = run === undefined ? watchRuns(rows, send) : watchRun(run, from, rows, send);
      const listener = { response, look };
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.write('retry: 1000\n\n');
      listeners.add(listener);
      response.once('close', () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
      timer ??= setInterval(poll, pollMilliseconds);
      lookFor(listener, source.store);
      return true;
    },
    close: () => {
      clearInterval(timer);
      for (const { response } of listeners) response.end();
    },
  };
}

type Send = <Name extends keyof LiveEvents>(name: Name, body: LiveEvents[Name], id?: number) => void;

/** The list of runs: what is new or changed. The first look only learns what is there. */
function watchRuns(rows: RunRows, send: Send): (store: Store | undefined) => void {
  let before: Map<string, string> | undefined;
  return (store) => {
    const now = new Map<string, string>();
    for (const row of store ? rows.rows(store) : []) {
      const { secondsLeft: _, ...kept } = row;
      const text = JSON.stringify(kept);
      now.set(row.id, text);
      if (before && before.get(row.id) !== text) send('run', row);
    }
    for (const id of before?.keys() ?? []) if (!now.has(id)) send('gone', { id });
    before = now;
  };
}

/** One run: its new steps, events and evaluations. */
function watchRun(
  id: string,
  from: number | undefined,
  rows: RunRows,
  send: Send,
): (store: Store | undefined) => void {
  let last = from;
  let row = '';
  let events: number | undefined;
  let resumes = 0;
  let evaluations: Set<string> | undefined;
  let gone = false;
  return (store) => {
    const record = store?.runs().find((one) => one.id === id);
    if (!store || !record) {
      if (!gone) send('gone', { id });
      gone = true;
      return;
    }
    gone = false;
    const shown = rows.row(store, record);
    const { secondsLeft: _, ...kept } = shown;
    const text = JSON.stringify(kept);
    if (text === row && isSettled(record)) return;
    if (text !== row) send('run', shown);
    row = text;
    const allEvents = store.events(id);
    const resumed = allEvents.filter(({ kind }) => kind === 'resume');
    if (events !== undefined && resumed.length > resumes) {
      last = Math.min(last ?? -1, resumed.at(-1)!.step);
      send('truncated', { last });
    }
    resumes = resumed.length;
    // The first look is at what the page has loaded already.
    for (const event of allEvents.slice(events ?? allEvents.length)) send('event', presentEvent(event));
    events = allEvents.length;
    last ??= record.last;
    if (record.last - last > mostSteps) send('behind', { last: record.last });
    else
      for (const one of store.steps(id, { from: last + 1 })) {
        send('step', liveStep(one), one.step);
        last = one.step;
      }
    last = Math.max(last, record.last);
    const allEvaluations = store.evaluations(id);
    const known = evaluations;
    evaluations = new Set(allEvaluations.map(evaluationKey));
    const fresh = known ? allEvaluations.filter((one) => !known.has(evaluationKey(one))) : [];
    const splits = fresh.length > 0 ? store.splits(id) : [];
    for (const one of fresh) send('evaluation', presentEvaluation(one, splits));
  };
}

const evaluationKey = ({ step, name, time }: EvaluationRecord) => `${step} ${time} ${name}`;

function liveStep({
  step,
  stage,
  time,
  metrics,
  clock,
}: ReturnType<Store['steps']> extends Generator<infer T> ? T : never): LiveStep {
  const all = Object.entries({ ...metrics, ...clock }).map(([name, value]) => [name, finite(value)] as const);
  return { step, stage, time, metrics: Object.fromEntries(all) };
}
