import { loadReward } from '../catalogue/index.ts';
import { countNoVerdict, type Reward } from '../core/index.ts';
import {
  type FieldNames,
  type Format,
  formats,
  nameOf,
  readRows,
  refuseInputAsOutput,
} from '../dataset/read/index.ts';
import { type LineWriter, lineWriter, scoreRows, wireLine } from '../dataset/score/index.ts';
import { choiceOf, defineCommand, integer, number, path } from './command.ts';
import { scoreFileByQueue } from './score-queue.ts';
import { summary, type Totals, toJson } from './score-report.ts';
import { Interrupted, type Terminal } from './terminal.ts';

interface Options extends FieldNames {
  readonly reward: string;
  readonly out?: string;
  readonly format?: Format;
  readonly seconds?: number;
  readonly memory?: number;
  readonly queue?: string;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .argument('<file>', 'JSONL, JSON array, CSV, TSV (each also .gz) or Parquet; - is standard input')
      .requiredOption(
        '--reward <spec>',
        'a name, name?option=value, JSON { name, options }, or the path of a module',
      )
      .option('--out <file>', 'write a line of JSON for each row, in order: { id, reward, … }', path)
      .option('--prompt <field>', 'field of the prompt; a.b goes into objects')
      .option('--completion <field>', 'field of the completion; a list in it is a group')
      .option('--answer <field>', 'field of the reference answer')
      .option('--id <field>', 'field of the id (without one, the row number from 0)')
      .option('--tokens <field>', 'field of the number of tokens of the completion, for rewards on length')
      .option('--format <format>', formats.join(', '), choiceOf(formats))
      .option('--seconds <n>', 'time limit of a module, per row (default 10)', number({ min: 0.05 }))
      .option('--memory <mib>', 'memory limit of a module (default 512)', integer({ min: 16 }))
      .option(
        '--queue <url>',
        "redis://… of 'assay worker's that do the work; the same call again goes on after a kill",
      ),
  run: async ([file], options, terminal) => {
    const { seconds, memory, queue } = options;
    if (options.out !== undefined) refuseInputAsOutput(options.out, [file, options.reward]);
    if (queue !== undefined) return scoreFileByQueue(file!, { ...options, queue }, terminal);
    const { reward, close } = await loadReward(options.reward, { seconds, memory });
    try {
      const out = options.out === undefined ? undefined : await lineWriter(options.out);
      try {
        const totals = await scoreFile(file!, reward, options, terminal, out);
        await out?.commit();
        return { json: toJson(totals), text: summary(totals, options) };
      } catch (thrown) {
        await out?.abandon();
        throw thrown;
      }
    } finally {
      await close();
    }
  },
});

async function scoreFile(
  file: string,
  reward: Reward,
  { prompt, completion, answer, id, tokens, format }: Options,
  terminal: Terminal,
  out: LineWriter | undefined,
): Promise<Totals> {
  const totals: Totals = { rows: 0, scored: 0, sum: 0, noVerdict: { n: 0, causes: {} }, seconds: 0 };
  const signal = terminal.interrupts();
  const progress = terminal.progress('rows');
  const began = performance.now();
  const scored = scoreRows(readRows(file, format), reward, {
    file: nameOf(file),
    names: { prompt, completion, answer, id, tokens },
    context: { signal },
  });
  try {
    for await (const { rows, fields, share } of until(signal, scored)) {
      totals.fields = fields;
      let lines = '';
      for (const row of rows) {
        for (const verdict of row.verdicts) {
          if (verdict.value === null) countNoVerdict(totals.noVerdict, verdict);
          else {
            totals.scored++;
            totals.sum += verdict.value;
          }
        }
        if (out) lines += wireLine(row);
      }
      totals.rows += rows.length;
      await out?.write(lines);
      progress.update(totals.rows, share);
    }
  } finally {
    progress.end();
  }
  totals.seconds = (performance.now() - began) / 1000;
  return totals;
}

/** The same batches, but an interruption does not wait for the batch that is being scored. */
async function* until<T>(signal: AbortSignal, batches: AsyncGenerator<T>): AsyncGenerator<T> {
  for (;;) {
    const next = await orInterrupted(signal, batches.next());
    if (next.done) return;
    yield next.value;
  }
}

/** Not Promise.race: against a promise that lives as long as the run, it would keep every batch in memory. */
function orInterrupted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Interrupted('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
