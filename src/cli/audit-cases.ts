import { type CaseBatch, readCases, readDrop } from '../audit/index.ts';
import { InputError, type Task } from '../core/index.ts';
import { field, readRows, rowTask } from '../dataset/read/index.ts';
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
  const first = (await readRows(file, flags.format).next()).value?.rows[0];
  const has = (name: string) => first !== undefined && Object.hasOwn(first, name);
  return readCases(
    readRows(file, flags.format),
    {
      prompt: prompt ?? ['prompt', 'question', 'Question'].find(has),
      answer: goldFrom === undefined ? (answer ?? (has('answer') ? 'answer' : undefined)) : undefined,
      id: id ?? (has('id') ? 'id' : undefined),
      category: flags.category ?? (has('category') ? 'category' : undefined),
      completions: flags.completion ?? ['completion'],
      labels: labelled ? flags.label : undefined,
      words: { positive: flags.positive, negative: flags.negative },
      drop: flags.drop?.map(readDrop),
      goldsFrom: goldFrom,
    },
    file,
  );
}

const usual = {
  prompt: ['prompt', 'question', 'problem', 'Question'],
  answer: ['answer', 'gold', 'golden_answer', 'ground_truth', 'reference'],
} as const;

/** The tasks of a file: prompt, reference answer and data of each row. Throws InputError. */
export async function readTasks(
  file: string,
  { prompt, answer, id, format, drop = [] }: AuditFlags,
): Promise<Task[]> {
  const left = drop.map(readDrop).map(({ field: name, value }) => ({ of: field(name), value }));
  const tasks: Task[] = [];
  let count = 0;
  for await (const { rows, lines } of readRows(file, format)) {
    const has = (name: string) => Object.hasOwn(rows[0]!, name);
    const one = (name: string | undefined) => (name === undefined ? undefined : field(name));
    const fields = {
      prompt: one(prompt ?? usual.prompt.find(has)),
      answer: one(answer ?? usual.answer.find(has)),
      id: one(id ?? (has('id') ? 'id' : undefined)),
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
