import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Row } from '../src/dataset/read/index.ts';
import { field } from '../src/dataset/read/index.ts';
import { scoreRows } from '../src/dataset/score/index.ts';
import { gsm8k } from '../src/verify/gsm8k.ts';

const file = join(import.meta.dirname, '../../shared/data/gsm8k/example_model_solutions.first660.jsonl');
const rows: Row[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
  : [];
if (rows.length === 0) console.log('skipped: shared/data/gsm8k is not here');

const models = ['6b_finetuning', '6b_verification', '175b_finetuning', '175b_verification'];

/** Values of the rows' completions against their references, in order. */
async function values(of: readonly Row[], completion: string, options = {}): Promise<(number | null)[]> {
  const batches = (async function* () {
    yield { rows: of, lines: of.map((_, i) => i + 1) };
  })();
  const out: (number | null)[] = [];
  const names = { completion, answer: 'ground_truth' };
  for await (const batch of scoreRows(batches, gsm8k(options), { file: 'rows', names }))
    out.push(...batch.rows.map(({ verdicts }) => verdicts[0]!.value));
  return out;
}

describe.skipIf(rows.length === 0)('GSM8K model solutions', () => {
  test.each(models)('%s: agrees with is_correct on every row', async (model) => {
    const labels = rows.map((row) => (field(`${model}.is_correct`).get(row) ? 1 : 0));
    expect(await values(rows, `${model}.solution`)).toEqual(labels);
  });

  /** Rows whose solution is the reference solution with another last line; the label is known by construction. */
  function rewritten(last: (answer: string, wrong: string) => string): Row[] {
    return rows.map((row) => {
      const lines = String(row.ground_truth).split('\n');
      const answer = lines.pop()!.replace('A: ', '');
      const wrong = String(Number(answer.replaceAll(',', '')) + 2);
      return { ...row, completion: [...lines, last(answer, wrong)].join('\n') };
    });
  }
  const grouped = (answer: string) => Number(answer.replaceAll(',', '')).toLocaleString('en-US');

  test.each<[string, number, (answer: string, wrong: string) => string]>([
    ['$1,200.', 1, (answer) => `A: $${grouped(answer)}.`],
    ['$1200', 1, (answer) => `A: $${answer.replaceAll(',', '')}`],
    ['18 eggs', 1, (answer) => `A: ${answer} eggs`],
    ['**18**', 1, (answer) => `A: **${answer}**`],
    ['**A: 18**', 1, (answer) => `**A: ${answer}**`],
    ['18.00', 1, (answer) => `A: ${answer}.00`],
    ['\\boxed{18}', 1, (answer) => `A: \\boxed{${answer}}`],
    ['18 dollars per week', 1, (answer) => `A: ${answer} dollars per week`],
    ['18%', 1, (answer) => `A: ${answer}%`],
    ['#### 18', 1, (answer) => `#### ${answer}`],
    ['18 or 20', 0, (answer, wrong) => `A: ${answer} or ${wrong}`],
    ['20 or 18', 0, (answer, wrong) => `A: ${wrong} or ${answer}`],
    ['18 and 20', 0, (answer, wrong) => `A: ${answer} and ${wrong}`],
    ['18-20', 0, (answer, wrong) => `A: ${answer}-${wrong}`],
    ['no final line', 0, () => ''],
    ['only the number', 0, (answer) => answer],
    ['20', 0, (_, wrong) => `A: ${wrong}`],
    ['20 eggs', 0, (_, wrong) => `A: ${wrong} eggs`],
    ['18, then 20', 0, (answer, wrong) => `A: ${answer}\nA: ${wrong}`],
    ['20, then 18', 1, (answer, wrong) => `A: ${wrong}\nA: ${answer}`],
  ])('an answer written %s is worth %d', async (_, value, last) => {
    expect(await values(rewritten(last), 'completion')).toEqual(rows.map(() => value));
  });
});
