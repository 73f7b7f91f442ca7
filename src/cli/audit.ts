import { type AuditOptions, agreementOf, comparisonOf, errorRates } from '../audit/index.ts';
import { loadReward } from '../catalogue/index.ts';
import { InputError, type Reward } from '../core/index.ts';
import { formats, refuseInputAsOutput } from '../dataset/read/index.ts';
import { casesOf } from './audit-cases.ts';
import { auditDocument, type Found, outFile, writeDocument } from './audit-document.ts';
import type { AuditFlags } from './audit-flags.ts';
import { probeFile } from './audit-probe.ts';
import {
  agreementReport,
  comparisonReport,
  probeReport,
  ratesReport,
  rescoreReport,
} from './audit-report.ts';
import { rescoreRun } from './audit-rescore.ts';
import { choiceOf, defineCommand, integer, number, type Outcome, path } from './command.ts';
import { Interrupted, type Terminal } from './terminal.ts';

const more = (value: string, before: readonly string[] = []) => [...before, value];
const share = number({ min: 0, max: 1 });

export const command = defineCommand<AuditFlags>({
  configure: (parser) =>
    parser
      .argument('[file]', 'labelled completions: JSONL, JSON array, CSV, TSV (each also .gz) or Parquet')
      .option('--reward <spec>', 'the reward to audit: a name, name?option=value, JSON, or a module')
      .option('--completion <field>', 'field of the completion; again for each further one of a row', more)
      .option('--label <field>', 'field that says right or wrong; one for each --completion, in order', more)
      .option('--answer <field>', 'field of the reference answer')
      .option(
        '--gold-from <field>',
        'no reference column: rows with equal <field> are one question, and what is labelled right in the others is the reference',
      )
      .option('--prompt <field>', 'field of the prompt')
      .option('--id <field>', 'field of the id')
      .option('--category <field>', "field to report by (default 'category' where it is there)")
      .option('--drop <field=value>', 'leave out rows with this value; FIELD= leaves out missing ones', more)
      .option('--positive <word>', 'a label value that means right; again for more', more)
      .option('--negative <word>', 'a label value that means wrong; again for more', more)
      .option('--accept <value>', 'values from here on accept (default 0.5)', number())
      .option('--show <n>', 'list the worst disagreements', integer({ min: 0, max: 10_000 }))
      .option('--max-fpr <x>', 'exit with 1 when the false-positive rate is above', share)
      .option('--max-fnr <x>', 'exit with 1 when the false-negative rate is above', share)
      .option('--max-no-verdict <x>', 'exit with 1 when the share without a verdict is above', share)
      .option('--second <spec>', 'how a second reward agrees with the first; needs no labels')
      .option('--compare <spec...>', 'two rewards against the labels, paired')
      .option('--probe', 'run known hacks against the reward on --tasks')
      .option('--tasks <file>', 'with --probe: tasks with prompts and reference answers', path)
      .option(
        '--limit <n>',
        'with --probe: so many tasks, drawn by the seed (default 100)',
        integer({ min: 1 }),
      )
      .option('--seed <n>', 'with --probe: of the draw (default 0)', integer({ min: 0 }))
      .option(
        '--max-accept <x>',
        'with --probe: exit with 1 when a probe is accepted more often (default 0.01)',
        share,
      )
      .option('--rescore <run>', "a stored run's samples under --reward")
      .option('--store <file>', 'with --rescore and --out: the run store (default .assay/assay.db)', path)
      .option(
        '--out <file>',
        'also write what was found for the dashboard; a bare name goes beside the store',
        path,
      )
      .option('--format <format>', formats.join(', '), choiceOf(formats))
      .option('--seconds <n>', 'time limit of a module, per row (default 10)', number({ min: 0.05 }))
      .option('--memory <mib>', 'memory limit of a module (default 512)', integer({ min: 16 })),
  run: async ([file], flags, terminal) => {
    const { seconds, memory } = flags;
    const specs = flags.compare ?? [flags.reward, ...(flags.second === undefined ? [] : [flags.second])];
    if (flags.compare !== undefined && flags.compare.length !== 2)
      throw new InputError('--compare takes two rewards: --compare A B');
    if (specs.some((spec) => spec === undefined))
      throw new InputError('name the reward to audit with --reward');
    if (flags.out !== undefined)
      refuseInputAsOutput(outFile(flags.out, flags), [file, flags.tasks, flags.store, ...specs]);
    const loaded: Awaited<ReturnType<typeof loadReward>>[] = [];
    try {
      for (const spec of specs) loaded.push(await loadReward(spec, { seconds, memory }));
      return await audit(
        file,
        loaded.map(({ reward }) => reward),
        flags,
        terminal,
      );
    } finally {
      for (const { close } of loaded) await close();
    }
  },
});

async function audit(
  file: string | undefined,
  [first, second]: readonly Reward[],
  flags: AuditFlags,
  terminal: Terminal,
): Promise<Outcome> {
  const signal = terminal.interrupts();
  const progress = terminal.progress('cases');
  const { out, show = out === undefined ? undefined : defaultShown } = flags;
  const options: AuditOptions = {
    threshold: flags.accept,
    show,
    context: { signal },
    progress: (done, part) => {
      if (signal.aborted) throw new Interrupted('stopped');
      progress.update(done, part);
    },
  };
  const keep = async (what: Found, outcome: Outcome): Promise<Outcome> => {
    if (out === undefined) return outcome;
    const path = outFile(out, flags);
    await writeDocument(path, auditDocument(file, flags, what, outcome.ok !== false));
    terminal.note(`written to ${path}`);
    return outcome;
  };
  try {
    if (flags.rescore !== undefined) {
      const found = await rescoreRun(flags, first!, { ...options, show: flags.show });
      return await keep({ kind: 'rescore', found }, rescoreReport(found, flags));
    }
    if (flags.probe) {
      const found = await probeFile(file, flags, first!, options);
      return await keep({ kind: 'probes', found }, probeReport(found, flags));
    }
    const cases = await casesOf(file, flags);
    if (flags.compare !== undefined) {
      const found = await comparisonOf(cases, first!, second!, options);
      return await keep({ kind: 'comparison', found }, comparisonReport(listed(found, flags), flags));
    }
    if (second !== undefined) {
      const found = await agreementOf(cases, first!, second, options);
      return await keep({ kind: 'agreement', found }, agreementReport(listed(found, flags), flags));
    }
    const found = await errorRates(cases, first!, options);
    return await keep({ kind: 'rates', found }, ratesReport(listed(found, flags), flags));
  } finally {
    progress.end();
  }
}

/** A document for the dashboard has so many disagreements, also where none is asked for on the screen. */
const defaultShown = 200;

function listed<Result extends { readonly disagreements: readonly unknown[] }>(
  found: Result,
  { show = 0 }: AuditFlags,
): Result {
  return { ...found, disagreements: found.disagreements.slice(0, show) };
}
