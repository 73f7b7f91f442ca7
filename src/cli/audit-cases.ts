import { type CaseBatch, readCases, readDrop } from '../audit/index.ts';
import { InputError, type Task } from '../core/index.ts';
import { field, guessField, readRows, rowTask } from '../dataset/read/index.ts';
import type { AuditFlags } from './audit-flags.ts';

/** The labelled cases that the flags describe. Throws InputError. */
export async function casesOf(
  file: string | undefined,
  flags: AuditFlags,
  { labelled = flags.second === undefined || flags.label !== undefined } = {},
): Promise<AsyncIterable<CaseBatch>> {
  if (file === undefined) throw new InputError('name a file of labelled completions');
  if (labelled && flags.label === undefined)
    throw new InputError('name the field that says right or wrong with --label');
  const { answer, prompt, id, goldFrom } = flags;
  const first = (await readRows(file, flags.format).next()).value?.rows[0] ?? {};
  const named = [prompt, answer, id, flags.category, ...(flags.completion ?? []), ...(flags.label ?? [])];
  const taken = new Set(named.filter((name) => name !== undefined));
  return readCases(
    readRows(file, flags.format),
    {
      prompt: prompt ?? guessField('prompt', first, taken),
      answer: goldFrom === undefined ? (answer ?? guessField('answer', first, taken)) : undefined,
      id: id ?? guessField('id', first, taken),
      category: flags.category ?? (Object.hasOwn(first, 'category') ? 'category' : undefined),
      completions: flags.completion ?? [guessField('completion', first, taken) ?? 'completion'],
      labels: labelled ? flags.label : undefined,
      words: { positive: flags.positive, negative: flags.negative },
      drop: flags.drop?.map(readDrop),
      goldsFrom: goldFrom,
    },
    file,
  );
}

/** The tasks of a file: prompt, reference answer and data of each row. Throws InputError. */
export async function readTasks(
  file: string,
  { prompt, answer, id, format, label, drop = [] }: AuditFlags,
): Promise<Task[]> {
  const left = drop.map(readDrop).map(({ field: name, value }) => ({ of: field(name), value }));
  const tasks: Task[] = [];
  let count = 0;
  for await (const { rows, lines } of readRows(file, format)) {
    const guess = (role: 'prompt' | 'answer' | 'id') => guessField(role, rows[0]!, new Set(label));
    const one = (name: string | undefined) => (name === undefined ? undefined : field(name));
    const fields = {
      prompt: one(prompt ?? guess('prompt')),
      answer: one(answer ?? guess('answer')),
      id: one(id ?? guess('id')),
      named: { prompt, answer, id },
    };
    rows.forEach((row, i) => {
      if (!left.some(({ of, value }) => String(of.get(row) ?? '') === value))
        tasks.push(rowTask(row, fields, { file, line: lines[i]!, row: count + i }).task);
    });
    count += rows.length;
  }
  return tasks;
}
