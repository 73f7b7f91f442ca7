import { InputError } from '../core/index.ts';
import type { DeadLetterAction } from '../serve/queue/index.ts';
import { choiceOf, defineCommand, integer, number, type Outcome } from './command.ts';
import { version } from './version.ts';

const actions = ['list', 'retry', 'discard'] as const satisfies readonly DeadLetterAction[];

interface Options {
  readonly queue?: string;
  readonly concurrency?: number;
  readonly memory?: number;
  readonly lockSeconds?: number;
  readonly drainSeconds?: number;
  readonly deadLetters?: DeadLetterAction;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .option('--queue <url>', 'redis://[:PASSWORD@]HOST[:PORT][/DATABASE] (or the variable ASSAY_QUEUE)')
      .option(
        '--concurrency <n>',
        'chunks that are scored at once, each on a thread (default: cores less one)',
        integer({ min: 1, max: 256 }),
      )
      .option('--memory <mib>', 'heap of a thread (default 2048)', integer({ min: 64 }))
      .option(
        '--lock-seconds <n>',
        'a chunk whose worker was not heard of for so long goes to another (default 30)',
        number({ min: 0.5, max: 3600 }),
      )
      .option(
        '--drain-seconds <n>',
        'how long chunks under way may go on after SIGTERM (default 30)',
        number({ min: 0, max: 3600 }),
      )
      .option(
        '--dead-letters <action>',
        `instead of working: ${actions.join(', ')} the rows that failed for good`,
        choiceOf(actions),
      ),
  run: async (_, options, terminal) => {
    const url = options.queue ?? process.env.ASSAY_QUEUE;
    if (url === undefined) throw new InputError('name the queue with --queue redis://HOST:PORT');
    const { deadLetters, startQueueWorker } = await import('../serve/queue/index.ts');
    if (options.deadLetters !== undefined)
      return lettersOutcome(
        options.deadLetters,
        await deadLetters({ url, version: version() }, options.deadLetters),
      );
    const { defaultWorkers } = await import('../serve/options.ts');
    const { concurrency = defaultWorkers(), memory, lockSeconds, drainSeconds = 30 } = options;
    const signal = terminal.interrupts();
    const began = performance.now();
    const note = (line: string) => terminal.note(line);
    const worker = await startQueueWorker({
      url,
      version: version(),
      concurrency,
      memory,
      lockSeconds,
      note,
    });
    note(`working for ${worker.place}, ${concurrency} chunks at once`);
    if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    note('going down: chunks under way are finished first');
    await worker.close(drainSeconds * 1000);
    const seconds = (performance.now() - began) / 1000;
    return {
      json: { ...worker.done, seconds },
      text: `${worker.done.chunks} chunks, ${worker.done.rows} rows in ${seconds.toFixed(0)} s; ${worker.done.failures} attempts failed`,
    };
  },
});

type Letters = Awaited<ReturnType<typeof import('../serve/queue/index.ts').deadLetters>>;

function lettersOutcome(action: DeadLetterAction, letters: Letters): Outcome {
  const done = {
    list: 'dead letters',
    retry: 'dead letters are tried again',
    discard: 'dead letters removed',
  };
  const lines = letters.map(
    ({ id, file, line, rows, reward, reason }) =>
      `${file}, line ${line}${rows > 1 ? ` (${rows} rows)` : ''}: ${reward}: ${reason}  [${id}]`,
  );
  return {
    json: letters.map((letter) => ({ ...letter })),
    text: [...lines, `${letters.length} ${done[action]}`].join('\n'),
  };
}
