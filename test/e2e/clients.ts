/**
 * The clients that trainers bring themselves: what each of them makes of a value, and of no verdict, is what it is in-process.
 */
import { strict as assert } from 'node:assert';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callReward, scoringContext, textSample, type Verdict } from 'assay/core';
import config from './assay.config.ts';
import { bare, pythonWith, runScript, Skipped } from './python.ts';

const tasks = ['it is 5', 'it is 6', 'the number 5.0 😀', 'no number', '5'].map((completion, i) => ({
  prompt: `Q${i}: 2+3? A: `,
  completion,
  answer: i === 4 ? null : '5',
  label: i === 4 ? null : '5',
}));

async function inProcess(name: 'number' | 'shaped'): Promise<readonly Verdict[]> {
  const samples = tasks.map(({ prompt, completion, answer }, i) =>
    textSample({ id: String(i), prompt, ...(answer !== null && { answer }) }, completion),
  );
  return callReward(config.rewards[name], samples, scoringContext());
}

function write(out: string): string {
  const file = join(out, 'tasks.json');
  writeFileSync(file, JSON.stringify(tasks));
  return file;
}

const shown = (versions: Readonly<Record<string, string>>) =>
  Object.entries(versions)
    .map((one) => one.join(' '))
    .join(', ');

type Versions = Readonly<Record<string, string>>;

/** No verdict leaves the executor's reward `None`, after its five tries. */
export async function openrlhf(url: string, out: string): Promise<string> {
  const python = await pythonWith('openrlhf', [['aiohttp==3.14.5'], [bare, 'openrlhf==0.11.2']]);
  const said = (await runScript(python, 'openrlhf_client.py', [url, write(out)])) as {
    found: readonly { reward: readonly number[] | null; scores: readonly number[] | null }[];
    sharded: readonly (readonly number[])[];
    versions: Versions;
  };
  for (const [i, { value }] of (await inProcess('number')).entries()) {
    const expected = value === null ? null : [value];
    assert.deepEqual(said.found[i], { reward: expected, scores: expected });
  }
  // Three queries over two addresses: each is asked once, for its part.
  assert.deepEqual(said.sharded, [[1, 0], [1]]);
  return `${shown(said.versions)}: SingleTurnAgentExecutor as in-process`;
}

/** No verdict is an error that slime raises after its tries. slime is in no registry: ASSAY_E2E_SLIME names a checkout. */
export async function slime(url: string, out: string): Promise<string> {
  const checkout = process.env.ASSAY_E2E_SLIME;
  if (checkout === undefined || !existsSync(checkout))
    throw new Skipped('ASSAY_E2E_SLIME names no checkout of slime (ran with 624b824)');
  const python = await pythonWith('slime', [['aiohttp==3.14.5']]);
  const said = (await runScript(python, 'slime_client.py', [url, write(out), checkout])) as {
    bare: readonly unknown[];
    keyed: readonly { reward?: number; error?: number }[];
  };
  for (const [i, { value }] of (await inProcess('number')).entries()) {
    assert.deepEqual(said.bare[i], value === null ? { error: 422 } : value);
    if (value === null) assert.deepEqual(said.keyed[i], { error: 422 });
    else assert.equal(said.keyed[i]!.reward, value);
  }
  return 'remote_rm as in-process';
}

/** No verdict is a reward of `None`, with its cause in the observation. */
export async function openenv(url: string, out: string): Promise<string> {
  const python = await pythonWith('openenv', [['openenv-core==0.3.0']]);
  const said = (await runScript(python, 'openenv_client.py', [url, write(out)])) as {
    found: readonly { reward: number | null; cause: string | null }[];
    versions: Versions;
  };
  for (const [i, { value, cause }] of (await inProcess('number')).entries())
    assert.deepEqual(said.found[i], { reward: value, cause: cause ?? null });
  return `${shown(said.versions)}: GenericEnvClient as in-process`;
}

/** The client raises where there is no verdict; its own model of the reply says that the score is not valid. */
export async function evalProtocol(url: string, out: string): Promise<string> {
  const python = await pythonWith('eval-protocol', [['eval-protocol==0.3.33']]);
  const said = (await runScript(python, 'eval_protocol_client.py', [url, write(out)])) as {
    found: readonly {
      understood: { score: number; metrics: Readonly<Record<string, number | null>> } | { error: number };
      whole: { score: number; valid: boolean; metrics: Readonly<Record<string, number | null>> };
    }[];
    versions: Versions;
  };
  for (const [i, { value, parts = {}, cause }] of (await inProcess('shaped')).entries()) {
    const { understood, whole } = said.found[i]!;
    const metrics = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.value]));
    const status = cause === 'reference' ? 422 : 503;
    assert.deepEqual(understood, value === null ? { error: status } : { score: value, metrics });
    assert.deepEqual(whole, { score: value ?? 0, valid: value !== null, metrics });
  }
  return `${shown(said.versions)}: RewardFunction(mode="remote") and EvaluateResult as in-process`;
}
