/** verl's reward loop and naive manager with `compute_score`: scores, parts and group means as in-process. */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callReward, scoringContext, textSample } from 'assay/core';
import config from './assay.config.ts';
import { pythonWith, runScript } from './python.ts';

const requirements = ['verl==0.9.1', 'torch==2.15.0'];

const completions = ['it is 5', '5', 'so the answer is', 'I say it is about 5', 'six', 'no: 6', 'a b 5'];

/** Groups of 7 on two data sources; the last group has no reference. */
const tasks = Array.from({ length: 21 }, (_, i) => ({
  prompt: 'what is 2 plus 3 ?',
  completion: completions[i % 7]!,
  source: i < 7 ? 'sums' : 'other',
  answer: i < 14 ? '5' : 'none',
  group: `g${Math.floor(i / 7)}`,
}));

interface Scored {
  readonly scores: readonly number[];
  readonly extra: { readonly [key: string]: readonly (number | null)[] };
}

export async function verl(url: string, out: string): Promise<string> {
  const python = await pythonWith('verl', [requirements]);
  const file = join(out, 'tasks.json');
  writeFileSync(file, JSON.stringify(tasks));
  const said = (await runScript(python, 'verl_reward.py', [url, file, out])) as {
    loop: Scored;
    naive: Scored;
    advantages: readonly number[];
    versions: Record<string, string>;
  };
  const verdicts = await Promise.all(
    tasks.map(async ({ prompt, completion, source, answer }, i) => {
      const reward = config.rewards[source === 'sums' ? 'shaped' : 'number'];
      const sample = textSample({ id: String(i), prompt, answer }, completion);
      return (await callReward(reward, [sample], scoringContext()))[0]!;
    }),
  );
  for (const { scores, extra } of [said.loop, said.naive])
    for (const [i, { value, parts = {} }] of verdicts.entries()) {
      near(scores[i]!, value ?? 0, `score of ${completions[i % 7]}`);
      assert.equal(extra.no_verdict![i], value === null ? 1 : 0);
      for (const part of ['number', 'moody']) {
        const own = parts[part]?.value ?? null;
        if (own === null) assert.equal(extra[part]![i], null, `${part} of ${i}`);
        else near(extra[part]![i]!, own, part);
      }
    }
  const without = verdicts.filter(({ value }) => value === null).length;
  assert(without > 7 && without < 14, 'some samples, besides those without a reference, have no verdict');
  for (let start = 0; start < tasks.length; start += 7) {
    const known = verdicts.slice(start, start + 7).flatMap(({ value }) => value ?? []);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    for (let i = start; i < start + 7; i++)
      near(
        said.advantages[i]!,
        (verdicts[i]!.value ?? mean) - (known.length > 0 ? mean : Number.NaN),
        'advantage',
      );
  }
  const shown = Object.entries(said.versions).map((one) => one.join(' '));
  return `${shown.join(', ')}: ${tasks.length} samples as in-process, ${without} without a verdict`;
}

/** NaN stands for what has no value: a masked sample's advantage is 0. */
function near(found: number, value: number, what: string): void {
  const expected = Number.isNaN(value) ? 0 : value;
  assert(Math.abs(found - expected) <= 1e-5, `${what}: ${found}, in-process ${expected}`);
}
