/**
 * Made-up responses for each type of IFEval and IFBench, passing ones and ones a little damaged, seeded. The reference
 * implementations judge them (instruction-reference.py) and their verdicts are kept as fixtures.
 *
 *     node bench/parity/instruction-cases.ts [ROUND EACH] > cases.jsonl
 */
import { Random } from '../../src/core/random.ts';
import { ifbenchMakers } from './instruction-cases-ifbench.ts';
import { ifevalMakers } from './instruction-cases-ifeval.ts';
import { damaged, prose } from './instruction-texts.ts';

export interface Case {
  readonly id: string;
  readonly parameters: { readonly [name: string]: unknown };
  readonly text: string;
}

/** Makes the parameters and a response that mostly satisfies them. */
export type Maker = (random: Random) => { parameters: { [name: string]: unknown }; text: string };

const perType = 200;

/** `round` other than '' gives other responses: for a longer comparison that is not kept. */
export function* cases(round = '', each = perType): Generator<Case> {
  for (const [id, make] of Object.entries({ ...ifevalMakers, ...ifbenchMakers }))
    for (let i = 0; i < each; i++) {
      const random = new Random(['instructions', round, id, i].join('\u001f'));
      const { parameters, text } = make(random);
      yield { id, parameters, text: varied(random, text, i) };
    }
}

/** Two in five as made, two in five damaged once or twice, the rest damaged more or any prose. */
function varied(random: Random, text: string, i: number): string {
  const kind = i % 10;
  if (kind < 4) return text;
  if (kind === 9) return prose(random);
  let out = text;
  for (let n = kind < 7 ? 1 : kind === 7 ? 2 : 4; n > 0; n--) out = damaged(random, out);
  return out.trim() === '' ? text : out;
}

if (import.meta.main) {
  const [round, each] = process.argv.slice(2);
  for (const one of cases(round, each === undefined ? undefined : Number(each)))
    process.stdout.write(`${JSON.stringify(one)}\n`);
}
