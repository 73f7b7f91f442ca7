/**
 * Writes docs/accuracy-instructions.md: how often our verdicts equal the reference's, per suite and per type, over the
 * recorded files in ../shared/data and the kept fixture.
 *
 *     node bench/accuracy/instructions.ts [DATA]
 *
 * DATA is another folder laid out like ../shared/data. Exits with 1 when a suite agrees on less than 99.5 %.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutPrefix } from '../../src/verify/instructions/catalogue.ts';
import { ifbench } from '../../src/verify/instructions/ifbench/index.ts';
import { ifeval } from '../../src/verify/instructions/ifeval/index.ts';
import {
  fixtureVerdicts,
  type Judged,
  known,
  readFixture,
  recordedVerdicts,
} from '../parity/instruction-agreement.ts';

export interface Agreement {
  n: number;
  equal: number;
  /** How many the reference passes. */
  passed: number;
}

export interface AgreementTable {
  readonly suites: ReadonlyMap<string, Agreement>;
  /** By public id: the recorded verdicts (strict and loose together) and the fixture's. */
  readonly types: ReadonlyMap<string, { recorded: Agreement; made: Agreement }>;
  readonly differences: readonly Judged[];
}

const none = (): Agreement => ({ n: 0, equal: 0, passed: 0 });

export function agreement(data?: string): AgreementTable {
  const suites = new Map<string, Agreement>();
  const types = new Map([...ifeval, ...ifbench].map(({ id }) => [id, { recorded: none(), made: none() }]));
  const differences: Judged[] = [];
  const count = (judged: Judged, of: 'recorded' | 'made') => {
    const suite = suites.get(judged.suite) ?? none();
    suites.set(judged.suite, suite);
    const equal = judged.ours === Number(judged.reference);
    for (const one of [suite, types.get(withoutPrefix(judged.id))![of]]) {
      one.n++;
      if (equal) one.equal++;
      if (judged.reference) one.passed++;
    }
    if (!equal) differences.push(judged);
  };
  for (const judged of recordedVerdicts(data)) count(judged, 'recorded');
  for (const judged of fixtureVerdicts()) count(judged, 'made');
  return { suites, types, differences };
}

const share = ({ n, equal }: Agreement): string => (n === 0 ? '–' : `${equal} / ${n}`);
const percent = ({ n, equal }: Agreement): string => `${((100 * equal) / n).toFixed(2)} %`;

export function agreementPage({ suites, types, differences }: AgreementTable): string {
  const { head } = readFixture();
  const versions = Object.entries(head.versions).map(([name, version]) => `${name} ${version}`);
  const row = (id: string) => {
    const { recorded, made } = types.get(id)!;
    return `| \`${id}\` | ${share(recorded)} | ${recorded.n === 0 ? '–' : recorded.passed} | ${share(made)} | ${made.passed} |`;
  };
  const head5 = [
    '| type | recorded: equal / all | of which pass | made-up: equal / all | of which pass |',
    '|---|---|---|---|---|',
  ];
  return [
    '# Agreement of the instruction checks with their references',
    '',
    'Written by `node bench/accuracy/instructions.ts`; not edited by hand. One verdict is one instruction of one response.',
    '',
    '| suite | verdicts | equal | agreement |',
    '|---|---|---|---|',
    ...[...suites].map(([suite, one]) => `| ${suite} | ${one.n} | ${one.equal} | ${percent(one)} |`),
    '',
    `The made-up responses are 200 a type (\`${head.cases}\`), judged by ${head.reference} with ${versions.join(', ')}`,
    `(\`${head.script}\`; langdetect's random seed set to 0).`,
    '',
    '## Differences',
    '',
    ...(differences.length === 0
      ? ['None.']
      : [
          '| suite and line | instruction | reference | ours | why |',
          '|---|---|---|---|---|',
          ...differences.map(
            (one) =>
              `| ${one.suite}:${one.line} | \`${withoutPrefix(one.id)}\` \`${JSON.stringify(one.parameters)}\` | ${one.reference} | ${one.ours} (${one.reason}) | ${known(one) ?? 'not explained'} |`,
          ),
        ]),
    '',
    '## IFEval',
    '',
    ...head5,
    ...ifeval.map(({ id }) => row(id)),
    '',
    '## IFBench',
    '',
    ...head5,
    ...ifbench.map(({ id }) => row(id)),
    '',
  ].join('\n');
}

if (import.meta.main) {
  const table = agreement(process.argv[2]);
  writeFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'accuracy-instructions.md'),
    agreementPage(table),
  );
  for (const [suite, one] of table.suites) console.log(`${suite}: ${one.equal} of ${one.n}, ${percent(one)}`);
  for (const one of table.differences)
    console.log(`  ${one.suite}:${one.line} ${one.id}: ${known(one) ?? 'not explained'}`);
  if ([...table.suites.values()].some(({ n, equal }) => equal < 0.995 * n)) process.exitCode = 1;
}
