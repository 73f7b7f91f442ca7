/**
 * Atropos' own API server (`run-api`) with `joinAtropos` as its environment and its example trainer's own code on the other
 * side: every field that the trainer reads is what Assay computes in-process. Then what the API does when it is full, shared,
 * restarted, or gets groups of odd sizes. `npm run e2e:atropos`.
 */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callReward, scoringContext, textSample, type Verdict } from 'assay/core';
import { grpo, grpoAdvantages } from 'assay/credit';
import {
  type AtroposOptions,
  type AtroposRollout,
  type AtroposStatus,
  createScorer,
  joinAtropos,
  parseServeOptions,
  type Scorer,
} from 'assay/serve';
import config from './assay.config.ts';
import { bare, pythonWith, runScript } from './python.ts';

const requirements = [
  ['fastapi==0.165.0', 'uvicorn==0.54.0', 'requests==2.34.2', 'tenacity==9.2.1', 'numpy==2.4.6'],
  [bare, 'atroposlib==0.4.0'],
];
const size = 4;

export async function atropos(): Promise<string> {
  const python = await pythonWith('atropos', requirements);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let api = await startApi(python, port);
  const scorer = await createScorer(parseServeOptions({ ...config, workers: 1, log: 'silent' }), {
    config: join(import.meta.dirname, 'assay.config.ts'),
  });
  const between = () => call(url, 'GET', '/reset_data');
  try {
    const said = await wholeRun(python, url, scorer);
    await between();
    await full(url, scorer);
    await between();
    await shared(url, scorer);
    await between();
    await oddSizes(url);
    await between();
    await restarted(url, scorer, async () => {
      api.kill('SIGKILL');
      await once(api, 'exit');
      await sleep(100);
      api = await startApi(python, port);
    });
    return said;
  } finally {
    api.kill('SIGKILL');
    await scorer.close();
  }
}

/** Group g of the tests: texts of 1 to 8 words, of which 3 and 7 have no verdict. Every fourth group is all the same. */
function groupOf(g: number): AtroposRollout[] {
  return Array.from({ length: g % 5 === 4 ? size - 1 : size }, (_, i) => {
    const words = g % 4 === 3 ? 5 : 1 + ((3 * g + i * (g + 1)) % 8);
    const text = Array.from({ length: words }, (_, w) => `wörd😀${w}`).join(' ');
    const length = 6 + words * (g % 3 === 0 ? 20 : 2);
    const tokens = Array.from({ length }, (_, t) => (t === 0 ? g : 7 * t + i));
    return {
      request: {
        sample: { id: `${i}`, task: { id: `g${g}`, prompt: '?' }, turns: [{ completion: text }] },
        reward: 'moody',
      },
      tokens,
      masks: tokens.map((token, t) => (t < 5 ? -100 : token)),
      inferenceLogprobs: tokens.map((_, t) => (t < 5 ? 1 : -0.1 * t - i / 3)),
      messages: [{ role: 'assistant', content: text }],
      ...(g % 2 === 1 && { overrides: { temperature: 0.5 + i / 4 } }),
    };
  });
}

async function* groups(taken: number[] = []): AsyncGenerator<AtroposRollout[]> {
  for (let g = 0; ; g++) {
    taken.push(g);
    yield groupOf(g);
  }
}

const options = (url: string, over: Partial<AtroposOptions> = {}): AtroposOptions => ({
  url,
  name: 'assay',
  groupSize: size,
  maxTokens: 256,
  pause: 10,
  ...over,
});

interface Item {
  readonly [field: string]: unknown;
  readonly tokens: readonly (readonly number[])[];
}

/** The environment is there first, and ends when the trainer has its steps. Every batch is what was made, as it was made. */
async function wholeRun(python: string, url: string, scorer: Scorer): Promise<string> {
  const [steps, perBatch] = [5, 8];
  const taken: number[] = [];
  const made = options(url, { generationParams: { temperature: 0.7 }, estimator: grpo(), tries: 500 });
  const [result, said] = await Promise.all([
    joinAtropos(made, groups(taken), scorer),
    runScript(python, 'atropos_trainer.py', [url, String(perBatch), String(steps)]) as Promise<{
      batches: readonly {
        raw: readonly Item[];
        labels: readonly (readonly number[])[];
        advantages: readonly number[];
        temperatures: readonly number[];
        logprobs: readonly (readonly number[])[];
      }[];
      versions: { atroposlib: string };
    }>,
  ]);
  const verdicts = await Promise.all(taken.map((g) => verdictsOf(groupOf(g))));
  const known = verdicts.map((group) => group.flatMap(({ value }) => value ?? []));
  const kept = taken.filter((g) => new Set(known[g]).size > 1);
  assert.deepEqual(result.skipped, {
    noVerdict: known.filter(({ length }) => length < 2).length,
    uniform: known.filter((group) => group.length > 1 && new Set(group).size === 1).length,
    tooLong: 0,
  });
  assert(result.skipped.uniform > 0 && result.groups === taken.length);
  assert.equal(result.noVerdict, verdicts.flat().filter(({ value }) => value === null).length);
  assert.equal(
    result.sent,
    kept.reduce((sum, g) => sum + known[g]!.length, 0),
  );
  let fillers = 0;
  const seen: number[] = [];
  for (const { raw, labels, advantages, temperatures, logprobs } of said.batches) {
    assert.equal(raw.length * size, perBatch);
    for (const [place, item] of raw.entries()) {
      const g = item.tokens[0]![0]!;
      seen.push(g);
      const expected = itemOf(g, verdicts[g]!);
      assert.deepEqual(item, expected.item);
      for (let i = 0; i < size; i++) {
        const row = place * size + i;
        const padded = (values: readonly number[], filler: number) => [
          ...values.slice(1),
          ...new Array(labels[row]!.length + 1 - values.length).fill(filler),
        ];
        assert.deepEqual(labels[row], padded(expected.item.masks[i]!, -100));
        near(advantages[row]!, expected.advantages[i]!, `advantage ${i} of group ${g}`);
        near(temperatures[row]!, expected.temperatures[i]!, 'temperature');
        for (const [t, x] of padded(expected.item.inference_logprobs[i]!, 1).entries())
          near(logprobs[row]![t]!, x, 'log-probability');
        if (expected.item.overrides?.[i]?.set_advantage_to_zero) fillers++;
      }
    }
  }
  // Several batches that are ready at once are handed out from the last to the first: the rest waits when the trainer ends.
  const perStep = perBatch / size;
  for (let b = 0; b < steps; b++) {
    const one = seen.slice(b * perStep, (b + 1) * perStep);
    const at = kept.indexOf(one[0]!);
    assert(at >= 0 && at % perStep === 0);
    assert.deepEqual(one, kept.slice(at, at + perStep), 'groups in turn');
  }
  assert.equal(new Set(seen).size, steps * perStep, 'every group once');
  assert(fillers > 3 && fillers < seen.length * size, 'some rollouts, not all, are without a verdict');
  return `atroposlib ${said.versions.atroposlib}: ${seen.length} groups as in-process, ${fillers} rollouts without a verdict`;
}

async function verdictsOf(group: readonly AtroposRollout[]): Promise<readonly Verdict[]> {
  const samples = group.map(({ request }) =>
    textSample({ id: '0', prompt: '?' }, request.sample.turns[0]!.completion),
  );
  const found: Verdict[] = [];
  for (const sample of samples)
    found.push(...(await callReward(config.rewards.shaped, [sample], scoringContext())));
  return found.map((one) => one.parts!.moody! as Verdict);
}

/** What `/batch` should say of a group, and what the example trainer should make of it. */
function itemOf(g: number, verdicts: readonly Verdict[]) {
  const group = groupOf(g);
  const known = verdicts.flatMap(({ value }) => value ?? []);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const rollouts = Array.from({ length: size }, (_, i) => group[i] ?? group[0]!);
  const value = (i: number) => verdicts[i]?.value ?? null;
  const own = grpoAdvantages(
    Float64Array.from(verdicts, ({ value }) => value ?? Number.NaN),
    Int32Array.of(0, verdicts.length),
  );
  const overrides = rollouts.map(
    ({ overrides = {} }, i): Record<string, unknown> => ({
      ...overrides,
      ...(value(i) === null && {
        set_advantage_to_zero: true,
        no_verdict: i < group.length ? 'crash' : 'absent',
      }),
    }),
  );
  const item = {
    tokens: rollouts.map(({ tokens }) => tokens),
    masks: rollouts.map(({ masks }) => masks),
    scores: rollouts.map((_, i) => value(i) ?? mean),
    advantages: rollouts.map(({ masks }, i) => masks.map((mask) => (mask === -100 ? 0 : (own[i] ?? 0)))),
    ref_logprobs: null,
    messages: rollouts.map(({ messages }) => messages),
    generation_params: { temperature: 0.7 },
    inference_logprobs: rollouts.map(({ inferenceLogprobs }) => inferenceLogprobs!),
    overrides: overrides.some((one) => Object.keys(one).length > 0) ? overrides : null,
    group_overrides: null,
    images: null,
    env_id: 0,
    distill_token_ids: null,
    distill_logprobs: null,
  };
  return {
    item,
    // The trainer divides by the deviation over all four.
    advantages: rollouts.map((_, i) =>
      value(i) === null ? 0 : (value(i)! - mean) / Math.sqrt(squares / size),
    ),
    temperatures: rollouts.map(({ overrides }) => (overrides?.temperature as number) ?? 0.7),
  };
}

/** It makes no more than three batches ahead, also where one is of more groups than fit in any queue of fixed length. */
async function full(url: string, scorer: Scorer): Promise<void> {
  const perBatch = 100 * size;
  await trainer(url, perBatch);
  const [stop, taken] = [new AbortController(), [] as number[]];
  const running = joinAtropos(
    options(url, { signal: stop.signal, uniform: 'send', offPolicyBatches: 1 }),
    groups(taken),
    scorer,
  );
  await until(async () => (await status(url)).queue_size >= 100);
  await sleep(300);
  const { queue_size: queued } = await status(url);
  assert.equal(queued, 100, 'it waits when there is a batch');
  const atWait = taken.length;
  assert(await batch(url));
  await until(async () => (await status(url)).queue_size >= 100);
  assert(taken.length > atWait, 'it goes on when there is room');
  stop.abort();
  const result = await running;
  assert.equal((await status(url)).queue_size, 100);
  assert.equal(result.groups - result.skipped.noVerdict, 200);
}

/** Two environments: the weights are their parts, a minimum is kept free, and one that left is in no part. */
async function shared(url: string, scorer: Scorer): Promise<void> {
  await trainer(url, 2 * size);
  const [stop, leave] = [new AbortController(), new AbortController()];
  let [light, heavy] = [Number.NaN, Number.NaN];
  const seen =
    (set: (weight: number) => void) =>
    ({ weight }: AtroposStatus) =>
      set(weight);
  const one = joinAtropos(
    options(url, { name: 'light', signal: stop.signal, onStatus: seen((w) => (light = w)) }),
    groups(),
    scorer,
  );
  await until(async () => (await status(url)).queue_size >= 6);
  const other = joinAtropos(
    options(url, {
      name: 'heavy',
      weight: 3,
      minBatchAllocation: 0.5,
      signal: leave.signal,
      onStatus: seen((w) => (heavy = w)),
    }),
    groups(),
    scorer,
  );
  await until(async () => heavy > 0);
  // The queue is full of the first one's groups; those that the second one must have come all the same.
  for (let step = 0; step < 4; step++) {
    const items = await until(() => batch(url));
    assert.deepEqual(items.map((item) => item.env_id).sort(), [0, 1]);
  }
  await until(async () => light === 0.25 && heavy === 0.75);
  leave.abort();
  await other;
  await until(async () => light === 1);
  stop.abort();
  await one;
}

/** Why groups are filled: of odd sizes, alone or with others that sum, the API hands out none. */
async function oddSizes(url: string): Promise<void> {
  await trainer(url, size);
  await batch(url);
  const body = { max_token_length: 64, desired_name: 'odd', weight: 1, group_size: size };
  const { env_id } = (await call(url, 'POST', '/register-env', body)) as { env_id: number };
  const post = async (n: number) => {
    const rows = Array.from({ length: n }, () => [1, 2]);
    const group = { tokens: rows, masks: rows, scores: rows.map(() => 1), env_id };
    return ((await call(url, 'POST', '/scored_data', group)) as { status: string }).status;
  };
  for (let i = 0; i < 8; i++) assert.equal(await post(3), 'buffered');
  assert.equal((await status(url)).queue_size, 0);
  assert.equal(await post(1), 'buffered');
  assert.equal((await status(url)).queue_size, 2);
  assert.equal(await batch(url), null, 'a 3 and a 1 that sum to 4 are not handed out');
  assert.equal(await post(4), 'received');
  assert.equal((await batch(url))?.[0]?.tokens.length, 4);
}

/** The API is killed: the environment waits for the next one and for its trainer, posts nothing before, then goes on. */
async function restarted(url: string, scorer: Scorer, restart: () => Promise<void>): Promise<void> {
  await trainer(url, 2 * size);
  const stop = new AbortController();
  const running = joinAtropos(options(url, { signal: stop.signal, tries: 10_000 }), groups(), scorer);
  for (let step = 0; step < 3; step++) await until(() => batch(url));
  await restart();
  await sleep(300);
  assert.equal((await status(url)).queue_size, 0, 'nothing is posted before the trainer is there');
  await trainer(url, 2 * size);
  for (let step = 0; step < 3; step++) await until(() => batch(url));
  stop.abort();
  const { sent } = await running;
  assert(sent > 6 * size);
}

async function startApi(python: string, port: number): Promise<ChildProcess> {
  const script = join(dirname(python), 'run-api');
  const api = spawn(script, ['--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const ended = once(api, 'exit').then(() => {
    throw new Error('run-api ended');
  });
  const up = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await Promise.race([ended, until(up)]);
  ended.catch(() => {});
  return api;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function call(url: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  assert(reply.ok, `${path}: ${reply.status}`);
  return path === '/reset_data' ? reply.text() : reply.json();
}

/** Registers a trainer and lets environments come: they may from its first question on. */
async function trainer(url: string, perBatch: number): Promise<void> {
  await call(url, 'POST', '/register', {
    wandb_group: '',
    wandb_project: '',
    batch_size: perBatch,
    max_token_len: 512,
    checkpoint_dir: '',
    save_checkpoint_interval: 100,
    starting_step: 0,
    num_steps: 100,
  });
  assert.equal(await batch(url), null);
}

const batch = async (url: string) =>
  ((await call(url, 'GET', '/batch')) as { batch: readonly Item[] | null }).batch;
const status = async (url: string) => (await call(url, 'GET', '/status')) as { queue_size: number };

async function until<T>(what: () => Promise<T>): Promise<NonNullable<T>> {
  for (let i = 0; i < 1500; i++) {
    const found = await what();
    if (found) return found;
    await sleep(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

function near(found: number, value: number, what: string): void {
  assert(Math.abs(found - value) <= 1e-6 * Math.max(1, Math.abs(value)), `${what}: ${found}, not ${value}`);
}
