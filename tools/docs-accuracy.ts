/** Writes docs/accuracy.md from audit runs on the labelled data in ../shared/data: npm run docs:accuracy */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AccuracyRun, runs } from './accuracy-runs.ts';

const root = resolve(import.meta.dirname, '..');
const data = '../shared/data';

interface Interval {
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

interface Rates {
  readonly n: number;
  readonly accuracyInterval: Interval;
  readonly falsePositiveRate: Interval;
  readonly falseNegativeRate: Interval;
  readonly noVerdict: { readonly n: number };
}

interface Report extends Rates {
  readonly byColumn?: { readonly [column: string]: Rates };
  readonly dropped: number;
}

interface Probe {
  readonly name: string;
  readonly family: string;
  readonly accepted: Interval;
}

interface ProbeReport {
  readonly tasks: number;
  readonly probes: readonly Probe[];
  readonly falseAlarms: Interval | null;
}

function audit<Document>(args: readonly string[]): Document {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      'src/cli/main.ts',
      'audit',
      ...args,
      '--json',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0 && stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Document;
}

const percent = (x: number | null) => (x === null ? '–' : `${(100 * x).toFixed(2)} %`);
const cell = ({ value, low, high }: Interval) =>
  value === null ? '–' : `${percent(value)} [${percent(low)}, ${percent(high)}]`;
const quoted = (args: readonly string[]) =>
  args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');

/** Repository, commit, path and hash of a data file, from the note beside it and the file itself. */
function origin({ data: [folder, file], original }: AccuracyRun): string {
  const path = join(root, data, folder, file);
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
  const note = join(root, data, folder, 'SOURCE.txt');
  if (!existsSync(note)) return `Data: \`${folder}/${file}\`, made for this project. SHA-256 \`${hash}\`.`;
  const text = readFileSync(note, 'utf8');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? 'unknown';
  const listed = new RegExp(`^- ${file.replaceAll('.', '\\.')}\\s+<-\\s+(\\S+)`, 'm').exec(text)?.[1];
  return `Data: ${field('Repository')} at \`${field('Commit')}\`, \`${original ?? listed ?? file}\`. SHA-256 of the file as used \`${hash}\`.`;
}

function section(run: AccuracyRun): string {
  const path = [data, ...run.data].join('/');
  const reports = run.rewards.map((reward) => ({
    reward,
    report: audit<Report>([path, '--reward', reward, ...run.options]),
  }));
  const first = reports[0]!.report;
  const columns = Object.entries(first.byColumn ?? {});
  const lines = [
    `## ${run.title}`,
    '',
    origin(run),
    '',
    run.note,
    '',
    `| verifier | cases | accuracy | false positives | false negatives | no verdict |`,
    '|---|---|---|---|---|---|',
    ...reports.map(
      ({ reward, report }) =>
        `| \`${reward}\` | ${report.n} | ${cell(report.accuracyInterval)} | ${cell(report.falsePositiveRate)} | ${cell(report.falseNegativeRate)} | ${report.noVerdict.n} |`,
    ),
    '',
    ...(columns.length > 0
      ? [
          `By completion field, for \`${run.rewards[0]}\`:`,
          '',
          '| field | cases | accuracy | false positives | false negatives |',
          '|---|---|---|---|---|',
          ...columns.map(
            ([name, rates]) =>
              `| \`${name}\` | ${rates.n} | ${cell(rates.accuracyInterval)} | ${cell(rates.falsePositiveRate)} | ${cell(rates.falseNegativeRate)} |`,
          ),
          '',
        ]
      : []),
    'To repeat a row, with the reward of its first column:',
    '',
    '```sh',
    `npm run -s assay -- audit ${path} --reward '${run.rewards[0]}' ${quoted(run.options)}`,
    '```',
    '',
  ];
  return lines.join('\n');
}

const probeData = [
  '../shared/data/math-equivalence/dev.jsonl',
  '--answer',
  'gold',
  '--completion',
  'pred',
  '--label',
  'equal',
];
const probed = ['math', 'number', 'exact', 'contains'];

function probeSection(): string {
  const reports = probed.map((reward) =>
    audit<ProbeReport>(['--probe', '--reward', reward, '--tasks', ...probeData]),
  );
  const names = reports[0]!.probes;
  const [{ falseAlarms }] = reports as [ProbeReport];
  return [
    '## Probes',
    '',
    `Known hacks against four rewards on ${reports[0]!.tasks} tasks of the mathematical answers above: how often each probe was accepted. None of these texts is a right answer. \`contains\` is weak on purpose.`,
    '',
    `| probe | texts | ${probed.map((reward) => `\`${reward}\``).join(' | ')} |`,
    `|---|---|${probed.map(() => '---').join('|')}|`,
    ...names.map(
      ({ name, accepted }) =>
        `| ${name} | ${accepted.n} | ${reports
          .map(({ probes }) => cell(probes.find((one) => one.name === name)!.accepted))
          .join(' | ')} |`,
    ),
    '',
    `Of the answers labelled right in the same file, ${cell(falseAlarms!)} look like one of the probes: the suite’s own false alarms.`,
    '',
    '```sh',
    `npm run -s assay -- audit --probe --reward math --tasks ${quoted(probeData)}`,
    '```',
    '',
  ].join('\n');
}

if (!existsSync(join(root, data))) {
  console.log('../shared/data is not here: docs/accuracy.md stays as it is');
} else {
  const page = [
    '# What the verifiers get wrong',
    '',
    'Written by `npm run docs:accuracy`; not edited by hand. Each row is an audit of a bundled verifier against labels.',
    'A false positive is a wrong answer accepted, a false negative a right one rejected; a verifier that gave no verdict on a',
    'case counts as an error of that case’s side and of accuracy. Brackets are Wilson 95 % intervals: a row claims no more than its',
    'interval, and only for answers like those of its file. The instruction checks have a page of their own,',
    '[accuracy-instructions.md](accuracy-instructions.md): their references are programs, not people.',
    '',
    ...runs.map(section),
    probeSection(),
  ].join('\n');
  writeFileSync(join(root, 'docs/accuracy.md'), `${page.trimEnd()}\n`);
  console.log('docs/accuracy.md written');
}
