/**
 * TRL's GRPOTrainer with rewards from `assay serve`: what TRL logged of every completion equals what Assay computes
 * in-process for the same prompt and completion, `None` and parts included. `npm run e2e:trl`.
 */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callReward, type Sample, scoringContext, textSample, type Verdict } from 'assay/core';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import config from './assay.config.ts';
import { pythonWith, runScript } from './python.ts';

const requirements = ['trl==1.16.0', 'transformers==5.23.0', 'datasets==5.2.0', 'torch==2.15.0'];

/** Every fourth task has no reference, so that its whole groups have no verdict. */
const tasks = Array.from({ length: 12 }, (_, i) => ({
  prompt: `what is ${i} plus ${(7 * i) % 5} ?`,
  solution: i % 4 === 3 ? 'none' : String(i + ((7 * i) % 5)),
}));
const answers = new Map(tasks.map(({ prompt, solution }) => [prompt, solution]));

type Row = Readonly<Record<string, unknown>>;

export async function trl(url: string, out: string): Promise<string> {
  const python = await pythonWith('trl', [requirements]);
  const file = join(out, 'tasks.jsonl');
  writeFileSync(file, tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  const versions = (await runScript(python, 'trl_grpo.py', [url, file, out])) as Record<string, string>;
  const parts = await compare(join(out, 'parts'), ['shaped']);
  const two = await compare(join(out, 'two'), ['shaped', 'ranked']);
  assert(parts.without > 0 && parts.without < parts.rows, 'some completions, not all, are without a verdict');
  const shown = Object.entries(versions).map((one) => one.join(' '));
  return `${shown.join(', ')}: ${parts.rows + two.rows} logged completions as in-process, ${parts.without + two.without} without a verdict`;
}

async function compare(folder: string, names: readonly string[]): Promise<{ rows: number; without: number }> {
  const { log_history } = JSON.parse(readFileSync(join(folder, 'trainer_state.json'), 'utf8')) as {
    log_history: Row[];
  };
  const files = readdirSync(join(folder, 'completions')).sort();
  assert.equal(files.length, 3, 'one table of completions a step');
  let [count, without] = [0, 0];
  const values = new Set<number>();
  for (const name of files) {
    const table = await asyncBufferFromFile(join(folder, 'completions', name));
    const rows = (await parquetReadObjects({ file: table, compressors })) as Row[];
    assert.equal(rows.length, 8);
    const log = log_history.find((one) => one.step === Number(rows[0]!.step) && 'reward' in one);
    assert(log, `no log of step ${String(rows[0]!.step)}`);
    const columns = new Map<string, readonly Verdict[]>();
    for (const reward of names) columns.set(reward, await inProcess(reward, rows));
    for (const [reward, verdicts] of columns) compareRewards(reward, verdicts, rows, log);
    compareAdvantages([...columns.values()], rows);
    count += rows.length;
    for (const { value } of columns.get('shaped')!) if (value !== null) values.add(value);
    without += columns.get('shaped')!.filter(({ value }) => value === null).length;
  }
  assert(values.size > 2, 'the rewards differ');
  return { rows: count, without };
}

async function inProcess(name: string, rows: readonly Row[]): Promise<readonly Verdict[]> {
  const reward = config.rewards[name as keyof typeof config.rewards];
  const samples = rows.map((row, i): Sample => {
    const prompt = row.prompt as string;
    return textSample({ id: String(i), prompt, answer: answers.get(prompt)! }, row.completion as string);
  });
  const scored: Verdict[] = [];
  if (typeof reward === 'object' && reward.scope === 'group') {
    for (let i = 0; i < samples.length; i += 4)
      scored.push(...(await callReward(reward, samples.slice(i, i + 4), scoringContext())));
    return scored;
  }
  assert(typeof reward === 'object');
  return callReward(reward, samples, scoringContext());
}

/** The table's reward and part columns, and the step's logged mean and share without a verdict. */
function compareRewards(name: string, verdicts: readonly Verdict[], rows: readonly Row[], log: Row): void {
  for (const [i, { value, parts = {}, reason, cause }] of verdicts.entries()) {
    const row = rows[i]!;
    same(row[name], value, `${name} of '${String(row.completion)}'`);
    for (const [part, own] of Object.entries(parts))
      same(row[`${name}/${part}`], own.value, `${name}/${part}`);
    assert.equal(row[`${name}/reason`], reason ?? cause ?? '');
  }
  const known = verdicts.flatMap(({ value }) => value ?? []);
  if (known.length > 0)
    near(log[`rewards/${name}/mean`], known.reduce((sum, value) => sum + value, 0) / known.length);
  near(log[`${name}/no_verdict`], 1 - known.length / verdicts.length);
}

/** TRL's own baseline: the group's mean and deviation over what has a reward; no advantage where there is none. */
function compareAdvantages(columns: readonly (readonly Verdict[])[], rows: readonly Row[]): void {
  const totals = rows.map((_, i) => {
    const known = columns.flatMap((verdicts) => verdicts[i]!.value ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
  for (let start = 0; start < rows.length; start += 4) {
    const group = totals.slice(start, start + 4);
    const known = group.filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : 0;
    for (const [i, value] of group.entries())
      near(rows[start + i]!.advantage, value === null ? 0 : (value - mean) / (deviation + 1e-4));
  }
}

/** No verdict is NaN or null in the table; a reward is a float of 32 bits. */
function same(logged: unknown, value: number | null, what: string): void {
  if (value === null)
    assert(logged === null || Number.isNaN(logged), `${what}: ${String(logged)} for no verdict`);
  else near(logged, value, what);
}

function near(logged: unknown, value: number, what = 'logged'): void {
  // A column of whole numbers is one of integers in the table.
  assert(typeof logged === 'number' || typeof logged === 'bigint', `${what}: ${String(logged)} is no number`);
  const error = Math.abs(Number(logged) - value);
  assert(error <= 2e-5 * Math.max(1, Math.abs(value)), `${what}: ${logged}, in-process ${value}`);
}
