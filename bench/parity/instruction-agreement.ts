import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { withoutPrefix } from '../../src/verify/instructions/catalogue.ts';
import { evaluate, type Instruction, type Mode } from '../../src/verify/instructions/evaluate.ts';

/** One instruction of one response and what the reference said of it. */
export interface Judged {
  /** The file or fixture. */
  readonly suite: string;
  readonly mode: Mode;
  /** Line in its file, from 1. */
  readonly line: number;
  readonly id: string;
  readonly parameters: Instruction['parameters'];
  readonly reference: boolean;
  readonly ours: number | null;
  readonly reason: string;
}

/** A recorded response with its instructions. */
export interface RecordedRow {
  readonly response: string;
  readonly instructions: readonly Instruction[];
  readonly follow: readonly boolean[];
}

const root = join(import.meta.dirname, '..', '..');
export const sharedData = join(root, '..', 'shared', 'data');
export const fixture = join(root, 'src', 'verify', 'instructions', 'fixtures', 'reference.jsonl.gz');

interface Recording {
  readonly folder: string;
  readonly prompts: string;
  readonly files: RegExp;
}

/** Where verdicts of the reference implementations are recorded: English rows only, the others have other types. */
const recordings: readonly Recording[] = [
  {
    folder: 'm-ifeval',
    prompts: 'en_input_data.jsonl',
    files: /^en\..*eval_results_(strict|loose).*\.jsonl$/,
  },
  { folder: 'ifbench', prompts: 'IFBench_test.jsonl', files: /eval_results_(strict|loose).*\.jsonl$/ },
];

/**
 * Known differences between our verdict and a recorded one, by suite, row key and id, with the reason. The two rows ask
 * for a mark that is no letter; the reference then counts a letter that it draws at random, new in each run.
 */
export const knownDifferences: readonly { folder: string; parameters: string; id: string; reason: string }[] =
  [
    {
      folder: 'm-ifeval',
      id: 'keywords:letter_frequency',
      parameters: '{"let_frequency":4,"let_relation":"at least","letter":"#"}',
      reason: 'the reference counts a random letter instead of #',
    },
    {
      folder: 'm-ifeval',
      id: 'keywords:letter_frequency',
      parameters: '{"let_frequency":6,"let_relation":"at least","letter":"!"}',
      reason: 'the reference counts a random letter instead of !',
    },
  ];

export function known({ suite, id, parameters }: Judged): string | undefined {
  const sorted = JSON.stringify(Object.fromEntries(Object.entries(parameters).sort()));
  return knownDifferences.find(
    (one) => suite.startsWith(one.folder) && one.id === withoutPrefix(id) && one.parameters === sorted,
  )?.reason;
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter(Boolean);

/** All recorded files that are there: their name, mode and rows. */
export function* recordedFiles(
  data: string = sharedData,
): Generator<{ suite: string; mode: Mode; rows: RecordedRow[] }> {
  for (const { folder, prompts, files } of recordings) {
    const path = join(data, folder);
    if (!existsSync(join(path, prompts))) continue;
    const asked = new Map<string, Instruction[]>();
    for (const line of lines(join(path, prompts))) {
      const row = JSON.parse(line) as {
        prompt: string;
        instruction_id_list: string[];
        kwargs: Record<string, unknown>[];
      };
      const instructions = row.instruction_id_list.map((id, i) => ({
        id,
        parameters: present(row.kwargs[i]),
      }));
      asked.set(row.prompt.trim(), instructions);
    }
    for (const file of readdirSync(path).sort()) {
      const mode = files.exec(file)?.[1] as Mode | undefined;
      if (mode === undefined) continue;
      const rows = lines(join(path, file)).flatMap((line) => {
        const row = JSON.parse(line) as {
          prompt: string;
          response: string;
          follow_instruction_list: boolean[];
        };
        const instructions = asked.get(row.prompt.trim());
        return instructions
          ? [{ response: row.response, instructions, follow: row.follow_instruction_list }]
          : [];
      });
      yield { suite: `${folder}/${file}`, mode, rows };
    }
  }
}

const present = (kwargs: Record<string, unknown> | null | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(kwargs ?? {}).filter(([, value]) => value !== null));

/** Our verdict beside every recorded one. */
export function* recordedVerdicts(data: string = sharedData): Generator<Judged> {
  for (const { suite, mode, rows } of recordedFiles(data))
    for (const [i, { response, instructions, follow }] of rows.entries()) {
      const verdicts = evaluate(response, instructions, mode);
      for (const [k, { id, parameters }] of instructions.entries())
        yield {
          suite,
          mode,
          line: i + 1,
          id,
          parameters,
          reference: follow[k]!,
          ours: verdicts[k]!.value,
          reason: verdicts[k]!.reason ?? '',
        };
    }
}

export interface FixtureHead {
  readonly reference: string;
  readonly script: string;
  readonly cases: string;
  readonly versions: { readonly [name: string]: string };
}

/** What the kept fixture says of where it is from, and its rows. A response on which the reference raises an error fails. */
export function readFixture(path: string = fixture): { head: FixtureHead; rows: string[] } {
  const [head, ...rows] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return { head: JSON.parse(head!) as FixtureHead, rows };
}

/** Our verdict beside every one of the fixture. */
export function* fixtureVerdicts(path: string = fixture): Generator<Judged> {
  for (const [i, row] of readFixture(path).rows.entries()) {
    const [id, parameters, text, reference] = JSON.parse(row) as [
      string,
      Instruction['parameters'],
      string,
      boolean | null,
    ];
    const [said] = evaluate(text, [{ id, parameters }]);
    yield {
      suite: 'made-up responses',
      mode: 'strict',
      line: i + 2,
      id,
      parameters,
      reference: reference === true,
      ours: said!.value,
      reason: said!.reason ?? '',
    };
  }
}
