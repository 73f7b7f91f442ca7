import { resolve } from 'node:path';
import { type Cause, InputError } from '../core/index.ts';
import type { FieldNames, Format } from '../dataset/read/index.ts';
import type { Outcome } from './command.ts';
import { summary, type Totals, toJson } from './score-report.ts';
import { Interrupted, type Terminal } from './terminal.ts';
import { version } from './version.ts';

interface Options extends FieldNames {
  readonly reward: string;
  readonly queue: string;
  readonly out?: string;
  readonly format?: Format;
  readonly seconds?: number;
  readonly memory?: number;
}

/** `score --queue`: the rows are scored by workers. Throws Interrupted when a person stopped it; it then can go on. */
export async function scoreFileByQueue(file: string, options: Options, terminal: Terminal): Promise<Outcome> {
  const {
    queue: url,
    reward,
    out,
    prompt,
    completion,
    answer,
    id,
    tokens,
    format,
    seconds,
    memory,
  } = options;
  if (out === undefined)
    throw new InputError('--queue needs --out FILE: beside it is kept how far the work is');
  const { scoreByQueue } = await import('../serve/queue/index.ts');
  const live = terminal.progress('rows');
  const signal = terminal.interrupts();
  const began = performance.now();
  const scored = await scoreByQueue({
    url,
    version: version(),
    file,
    format,
    names: { prompt, completion, answer, id, tokens },
    reward,
    seconds,
    memory,
    out: resolve(out),
    signal,
    note: (line) => {
      live.end();
      terminal.note(line);
    },
    progress: (rows, share) => live.update(rows, share),
  }).finally(() => live.end());
  const { progress, complete, resumed, fields } = scored;
  if (!complete) {
    terminal.note(`${progress.rows} rows are done; the same command goes on from there`);
    throw new Interrupted('stopped');
  }
  const seconds_ = (performance.now() - began) / 1000;
  const counts: { [cause in Cause]?: number } = progress.causes;
  const n = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const totals: Totals = {
    rows: progress.rows,
    scored: progress.scored,
    sum: progress.sum,
    noVerdict: { n, causes: counts },
    seconds: seconds_,
    fields,
  };
  const dead = progress.dead.length;
  const queue = { resumedRows: resumed, deadLetters: dead };
  const more = [
    ...(resumed > 0 ? [`${resumed} of the rows were done before`] : []),
    ...(dead > 0
      ? [
          `${dead} rows are dead letters: 'assay worker --queue URL --dead-letters retry', then this command again`,
        ]
      : []),
  ];
  return {
    json: { ...toJson(totals), queue },
    text: [summary(totals, { out, reward }), ...more].join('\n'),
  };
}
