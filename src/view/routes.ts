import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RunRecord, RunWithConfig, Store } from '../store/index.ts';
import { alarmsOf, signsOf, statedRules } from './alarms/index.ts';
import * as api from './api.ts';
import { auditIn, auditsFolder, auditsIn } from './audits.ts';
import { compareRuns } from './compare.ts';
import type { Eraser } from './erase/eraser.ts';
import type { TextIndex } from './index-file/text-index.ts';
import type { Live } from './live.ts';
import { Refusal } from './refusal.ts';
import { removeRun } from './remove-run.ts';
import { reproductionIn, reproductionsIn } from './reproductions.ts';
import { runPage } from './run-page.ts';
import type { RunTables } from './run-table.ts';
import { listRuns, type RunRows } from './runs.ts';
import { columnsOf } from './samples/columns.ts';
import { groupsOf, stepsOf } from './samples/groups.ts';
import type { MatchLists } from './samples/match-list.ts';
import { presentSample, presentTask } from './samples/present.ts';
import { searchSamples } from './samples/search.ts';
import { seriesOf } from './series.ts';
import { isSettled } from './settled.ts';
import type { Source } from './source.ts';

/** What the routes work with. */
export interface Context {
  readonly source: Source;
  readonly tables: RunTables;
  readonly rows: RunRows;
  readonly index: TextIndex;
  readonly live: Live;
  readonly eraser: Eraser;
  /** Which samples the queries that were asked last find. */
  readonly lists: MatchLists;
  readonly token: string;
  readonly version: string;
  /** Where the store lies, and what other commands wrote beside it. */
  readonly folder: string;
  /** More folders of results of `reproduce`. */
  readonly reproductions: readonly string[];
  /** Shares of duplicates by run, as far as they were read. */
  readonly duplicates: Map<string, Map<number, number>>;
  /** What the rules said of a run, by the run and its last write. */
  readonly alarms: Map<string, api.AlarmsAnswer>;
  mayChange(request: FastifyRequest): boolean;
}

/** One route: what it takes and gives, and what it does. The document of the API is made of these. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Left out: not JSON. */
  readonly answer?: z.ZodType;
  handle(context: Context, input: Input, reply: FastifyReply): unknown;
}

interface Input {
  readonly params: { readonly [name: string]: string };
  readonly query: never;
  readonly body: never;
  readonly request: FastifyRequest;
}

function route<Query extends z.ZodType = z.ZodUndefined, Body extends z.ZodType = z.ZodUndefined>(of: {
  readonly method: Route['method'];
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer?: z.ZodType;
  handle(
    context: Context,
    input: Omit<Input, 'query' | 'body'> & { readonly query: z.output<Query>; readonly body: z.output<Body> },
    reply: FastifyReply,
  ): unknown;
}): Route {
  return of as Route;
}

interface Open {
  readonly store: Store;
  readonly run: RunWithConfig;
}

/** The store and the run that a request names. Throws Refusal (404). */
function opened({ source }: Context, id: string): Open {
  const store = source.store();
  if (!store) throw new Refusal(404, `there is no store at ${source.path} yet: train a recipe first`);
  return { store, run: store.run(id) };
}

export const routes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/session',
    summary: 'The server, its store, and the token for changes',
    answer: api.session,
    handle: (context, { request }) => ({
      version: context.version,
      store: { path: context.source.path, ...context.source.state() },
      token: context.token,
      mayChange: context.mayChange(request),
      now: Date.now(),
    }),
  }),
  route({
    method: 'GET',
    path: '/runs',
    summary: 'Runs: search, filter, sort, a page of them',
    query: api.runsQuery,
    answer: api.runsAnswer,
    handle: ({ source, rows }, { query }) => {
      const store = source.store();
      return listRuns(store ? rows.rows(store) : [], query);
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run',
    summary: 'A run: recipe, summary, stages, events, evaluations, which charts there are',
    answer: api.runAnswer,
    handle: (context, { params }) => {
      const { store, run } = opened(context, params.run!);
      return runPage(store, run.id, context.tables.get(store, run.id), context.rows);
    },
  }),
  route({
    method: 'PUT',
    path: '/runs/:run/tags',
    summary: "Replaces a run's tags",
    body: api.tagsBody,
    answer: api.tagsAnswer,
    handle: (context, { params, body }) => {
      const { run } = opened(context, params.run!);
      const tags = [...new Set(body.tags)];
      context.source.write((store) => store.setTags(run.id, tags));
      return { run: run.id, tags };
    },
  }),
  route({
    method: 'DELETE',
    path: '/runs/:run',
    summary: 'Deletes a run; `confirm` must be its whole id',
    query: api.deleteQuery,
    answer: api.deleteAnswer,
    handle: async (context, { params, query }) => {
      const { store, run } = opened(context, params.run!);
      const erased = await removeRun({ ...context, store, run }, query);
      return { deleted: run.id, erased };
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/series',
    summary: 'Metrics over steps, in buckets',
    query: api.seriesQuery,
    answer: api.seriesAnswer,
    handle: (context, { params, query }) => {
      const { store, run } = opened(context, params.run!);
      const table = context.tables.get(store, run.id);
      const evaluations = store.evaluations(run.id);
      const series: [string, api.Series][] = query.name.map((name) => [
        name,
        seriesOf(table, evaluations, name, query),
      ]);
      return { run: run.id, last: run.last, series: Object.fromEntries(series) };
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/alarms',
    summary: 'What the alarm rules say, and how often they are wrong',
    answer: api.alarmsAnswer,
    handle: (context, { params }) => {
      const { store, run } = opened(context, params.run!);
      return runAlarms(context, store, run);
    },
  }),
  route({
    method: 'GET',
    path: '/alarms',
    summary: 'What the alarm rules say of the newest runs',
    query: api.alarmsListQuery,
    answer: api.alarmsListAnswer,
    handle: async (context, { query: { offset, limit } }) => {
      const store = context.source.store();
      const all = store?.runs() ?? [];
      const runs = [];
      for (const { id } of all.slice(offset, offset + limit)) {
        const now = context.source.store();
        const run = now?.runs().find((one) => one.id === id);
        if (!now || !run) continue; // deleted while others were looked at
        runs.push({ run: context.rows.row(now, run), alarms: [...runAlarms(context, now, run).alarms] });
        // A first look at many long runs takes seconds: others are answered meanwhile.
        await new Promise((next) => setImmediate(next));
      }
      return { rules: statedRules(), runs, total: all.length };
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/steps',
    summary: 'Which steps have samples, and what these can be filtered by',
    query: api.stepsQuery,
    answer: api.stepsAnswer,
    handle: (context, { params, query: { split } }) => {
      const { store, run } = opened(context, params.run!);
      const steps = stepsOf(context.tables.get(store, run.id), split);
      return { splits: store.splits(run.id), split, steps, columns: columnsOf(store, run.id, split, steps) };
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/groups',
    summary: 'The groups of a step',
    query: api.groupsQuery,
    answer: api.groupsAnswer,
    handle: (context, { params, query }) => {
      const { store, run } = opened(context, params.run!);
      return groupsOf(store, run.id, context.tables.get(store, run.id), query);
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/sample',
    summary: 'One sample in full',
    query: api.sampleQuery,
    answer: api.sampleAnswer,
    handle: (context, { params, query: { step, position, split, chars } }) => {
      const { store, run } = opened(context, params.run!);
      const found = store.sample(run.id, step, position, split);
      if (!found)
        throw new Refusal(404, `run '${run.id}' has no sample ${position} at step ${step} of '${split}'`);
      return { task: presentTask(found.task, chars), sample: presentSample(found, chars) };
    },
  }),
  route({
    method: 'GET',
    path: '/runs/:run/samples',
    summary: 'Samples: text search and filters, a page of them',
    query: api.samplesQuery,
    answer: api.samplesAnswer,
    handle: (context, { params, query }) => {
      const { store, run } = opened(context, params.run!);
      const { index, lists } = context;
      return searchSamples({ store, run, table: context.tables.get(store, run.id), index, lists }, query);
    },
  }),
  route({
    method: 'GET',
    path: '/compare',
    summary: 'Runs or arms side by side',
    query: api.compareQuery,
    answer: api.compareAnswer,
    handle: (context, { query }) => {
      if (query.run.length === 0) throw new Refusal(400, "field 'run': name at least one run");
      const found = query.run.map((id) => opened(context, id));
      const { store } = found[0]!;
      const ids = new Set<string>();
      const runs = found.filter(({ run }) => !ids.has(run.id) && ids.add(run.id));
      const rows = runs.map(({ run }) => context.rows.row(store, run));
      return compareRuns(store, rows, context.tables, query);
    },
  }),
  route({
    method: 'GET',
    path: '/reproductions',
    summary: 'What `reproduce` did: in the store, and results of it in files',
    answer: api.reproductionsAnswer,
    handle: ({ source, folder, reproductions }) =>
      reproductionsIn(source.store(), [join(folder, 'reproductions'), ...reproductions]),
  }),
  route({
    method: 'GET',
    path: '/reproductions/:id',
    summary: 'The jobs of a reproduction in the store',
    answer: api.reproductionAnswer,
    handle: ({ source }, { params }) => {
      const store = source.store();
      if (!store) throw new Refusal(404, `there is no store at ${source.path} yet`);
      return reproductionIn(store, params.id!);
    },
  }),
  route({
    method: 'GET',
    path: '/audits',
    summary: 'Documents of `audit --out`',
    answer: api.auditsAnswer,
    handle: ({ folder }) => auditsIn(auditsFolder(folder)),
  }),
  route({
    method: 'GET',
    path: '/audits/:name',
    summary: 'One audit in full',
    answer: api.auditAnswer,
    handle: ({ folder }, { params }) => auditIn(auditsFolder(folder), params.name!),
  }),
  route({
    method: 'GET',
    path: '/live',
    summary: 'A stream of events: what is new in a run, or in the list of runs',
    query: api.liveQuery,
    handle: (context, { query: { run, from }, request }, reply) => {
      const id = run === undefined ? undefined : opened(context, run).run.id;
      const seen = /^\d{1,15}$/.test(String(request.headers['last-event-id'] ?? ''))
        ? Number(request.headers['last-event-id'])
        : from;
      reply.hijack();
      if (!context.live.add(reply.raw, { run: id, from: seen })) {
        reply.raw.writeHead(503, { 'content-type': 'application/json' });
        reply.raw.end(JSON.stringify({ error: 'too many pages listen already' }));
      }
    },
  }),
];

/** What the rules say of a run; they look again when it was written since. */
function runAlarms(context: Context, store: Store, run: RunRecord): api.AlarmsAnswer {
  const stamp = `${run.id} ${run.created} ${run.updated} ${run.last}`;
  const said = context.alarms.get(stamp);
  if (said) return said;
  const key = `${run.id} ${run.created} ${store.events(run.id, 'resume').length}`;
  const known = context.duplicates.get(key) ?? new Map<number, number>();
  if (context.duplicates.size > 1000) context.duplicates.clear();
  context.duplicates.set(key, known);
  const table = context.tables.get(store, run.id);
  const evaluations = store.evaluations(run.id);
  const found = alarmsOf(signsOf({ store, run: run.id, table, evaluations, known }));
  if (context.alarms.size > 1000) context.alarms.clear();
  if (isSettled(run)) context.alarms.set(stamp, found);
  return found;
}
