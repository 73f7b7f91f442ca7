import { describe, type Json, oneLine } from '../core/index.ts';
import type { JobPlace, Store } from '../store/index.ts';
import {
  armsOf,
  type Job,
  type JobLog,
  type JobOutcome,
  jobKey,
  judgement,
  type Recipe,
  type Study,
  variationName,
} from '../train/index.ts';

/** A reproduction under way, as it is written to the store. */
export interface OpenReproduction {
  /** How many jobs there are in all, and how many were done when it was opened. */
  readonly jobs: number;
  readonly done: number;
  /** Wall-clock seconds of all that was done for it; where nothing was left to do, what it took then. */
  seconds(): number;
  /** Its jobs, or those of the variation at this place: what is done, and where to write what will be. */
  logOf(variation?: number): JobLog;
  /** Runs a job elsewhere, and stores that it began, and where it failed. */
  run(job: Job, elsewhere: (job: Job) => Promise<JobOutcome>): Promise<JobOutcome>;
  /** Notes the training run of a job under way. */
  link(job: Job, run: string): void;
  /** `result` is the document, of which `seconds` is what `seconds()` said. */
  finish(result: Json, seconds: number): void;
  /** Never throws: what ended it is what is to be told. */
  fail(thrown: unknown, stopped: boolean): void;
}

export interface RecordOptions {
  readonly seeds: readonly number[];
  readonly resume?: boolean;
  /** The recipe or study with something changed, by the name of what is changed. */
  readonly variations?: readonly { readonly name: string; readonly what: Recipe | Study }[];
  /** Whether a person stopped it. */
  readonly signal: AbortSignal;
}

/** Often enough for the store to know that this process lives. */
const heartbeatMilliseconds = 5000;

/**
 * Opens a reproduction in the store: a new one, or with `resume` that of the same recipe, unchanged. What changed in Assay
 * itself is not noticed.
 */
export function openReproduction(
  store: Store,
  what: Recipe | Study,
  { seeds, resume, variations, signal }: RecordOptions,
): OpenReproduction {
  const { reproductions } = store;
  const { paper } = what.kind === 'recipe' ? what.recipe : what.study;
  const { id, done, ...begun } = reproductions.begin(
    {
      name: what.name,
      kind: what.kind,
      config: describe(what.options),
      paper,
      metric: judgement(what).metric,
      arms: armsOf(what),
      seeds,
      variations: variations?.map(({ name, what: { options } }) => ({ name, config: describe(options) })),
    },
    { resume },
  );
  const { jobs } = reproductions.get(id);
  const began = performance.now();
  let ended = false;
  const seconds = () => begun.seconds + (done.length === jobs ? 0 : (performance.now() - began) / 1000);
  const attempt = (body: () => void) => {
    try {
      body();
    } catch {
      // What matters is written again when the job ends, and then said.
    }
  };
  const heartbeat = setInterval(
    () => attempt(() => reproductions.touch(id, seconds())),
    heartbeatMilliseconds,
  );
  heartbeat.unref();
  const placeOf = ({ arm, seed, variation }: Job): JobPlace => ({
    arm,
    seed,
    variation: variation && variationName(variation),
  });
  const earlier = new Map(done.map((job) => [`${job.variation ?? ''} ${jobKey(job)}`, job]));
  return {
    jobs,
    done: done.length,
    seconds,
    logOf: (at) => {
      const variation = at === undefined ? undefined : variations?.[at]?.name;
      return {
        get: (job) => {
          const found = earlier.get(`${variation ?? ''} ${jobKey(job)}`);
          return found && { metrics: found.metrics!, stageSeconds: found.stageSeconds!, run: found.run };
        },
        add: ({ arm, seed }, outcome) =>
          reproductions.endJob(id, { arm, seed, variation }, { status: 'finished', ...outcome }),
      };
    },
    run: async (job, elsewhere) => {
      const place = placeOf(job);
      reproductions.startJob(id, place);
      try {
        return await elsewhere(job);
      } catch (thrown) {
        const status = signal.aborted ? 'stopped' : 'failed';
        attempt(() => reproductions.endJob(id, place, { status, error: oneLine(thrown) }));
        throw thrown;
      }
    },
    link: (job, run) => attempt(() => reproductions.linkRun(id, placeOf(job), run)),
    finish: (result, took) => {
      clearInterval(heartbeat);
      reproductions.end(id, 'finished', { seconds: took, result });
      ended = true;
    },
    fail: (thrown, stopped) => {
      clearInterval(heartbeat);
      if (ended) return;
      attempt(() => {
        const end = { seconds: seconds(), error: oneLine(thrown) };
        // One that could not begin is none.
        if (reproductions.jobs(id).length === 0) reproductions.delete(id);
        else reproductions.end(id, stopped ? 'stopped' : 'failed', end);
      });
    },
  };
}
