import type { z } from 'zod';
import { oneLine } from '../../core/errors.ts';
import { nearest } from '../../core/options.ts';
import { noVerdict, type Verdict, verdict } from '../../core/verdict.ts';
import { builtin, withoutPrefix } from './catalogue.ts';
import type { Constraint } from './constraint.ts';
import { isBlank, strip } from './python.ts';

/** One instruction of a row: the id as the row writes it, and its parameters as they came. */
export interface Instruction {
  readonly id: string;
  readonly parameters: { readonly [name: string]: unknown };
}

/**
 * strict: the text as it is. loose: the text, or one of seven variants, satisfies the instruction: without its first
 * line, its last, both, and each of the four without asterisks (Zhou et al. 2023, section 2.2).
 */
export type Mode = 'strict' | 'loose';

/** An instruction whose constraint and parameters are known to be in order, or the sentence that says why not. */
export type Prepared =
  | { readonly id: string; readonly constraint: Constraint; readonly parameters: unknown }
  | { readonly id: string; readonly problem: string };

/**
 * Finds the constraint of an instruction and reads its parameters. Null parameters count as absent; a parameter that the
 * constraint does not know is a problem too, since the row then asks for something that would not be checked.
 */
export function prepare(
  instruction: Instruction,
  own: ReadonlyMap<string, Constraint> = new Map(),
): Prepared {
  const { id } = instruction;
  const name = withoutPrefix(id);
  const constraint = own.get(id) ?? own.get(name) ?? builtin.get(name);
  if (!constraint) {
    const near = nearest(name, [...builtin.keys(), ...own.keys()]);
    return {
      id,
      problem: `no constraint is called '${id.slice(0, 80)}'${near === undefined ? '' : `; the nearest is '${near}'`}`,
    };
  }
  const given = Object.fromEntries(
    Object.entries(instruction.parameters).filter(([, value]) => value !== null && value !== undefined),
  );
  const parsed = strictSchema(constraint).safeParse(given);
  if (parsed.success) return { id, constraint, parameters: parsed.data };
  const issue = parsed.error.issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) return { id, problem: `'${id}' has no parameter '${unknown.slice(0, 80)}'` };
  const field = issue.path.join('.');
  const absent = !(String(issue.path[0]) in given);
  return {
    id,
    problem: absent
      ? `'${id}' lacks its parameter '${field}'`
      : `'${id}': parameter '${field}': ${oneLine(issue.message)}`,
  };
}

const strictSchemas = new WeakMap<Constraint, z.ZodObject>();

/** The schema that refuses unknown parameters. Made once a constraint: zod compiles each new one. */
function strictSchema(constraint: Constraint): z.ZodObject {
  const found = strictSchemas.get(constraint);
  if (found) return found;
  const made = constraint.schema.strict();
  strictSchemas.set(constraint, made);
  return made;
}

/** Whether a text satisfies one instruction: 1 or 0 with the reason, or no verdict (`unsupported`). */
export function check(prepared: Prepared, variants: readonly Variant[]): Verdict {
  if ('problem' in prepared) return noVerdict('unsupported', prepared.problem);
  let failed: string | undefined;
  for (const { text, how } of variants) {
    if (isBlank(text)) continue;
    const { ok, reason } = prepared.constraint.check(text, prepared.parameters);
    if (ok) return verdict(1, how === undefined ? reason : `${how}: ${reason}`);
    failed ??= reason;
  }
  return verdict(0, failed ?? 'the response is blank');
}

export interface Variant {
  readonly text: string;
  /** What was taken away, undefined for the text itself. */
  readonly how?: string;
}

/** The texts that a mode looks at, none twice. */
export function variantsOf(text: string, mode: Mode): Variant[] {
  if (mode === 'strict') return [{ text }];
  const firstBreak = text.indexOf('\n');
  const lastBreak = text.lastIndexOf('\n');
  const rest = firstBreak < 0 ? '' : strip(text.slice(firstBreak + 1));
  const start = lastBreak < 0 ? '' : strip(text.slice(0, lastBreak));
  const middle = lastBreak <= firstBreak ? '' : strip(text.slice(firstBreak + 1, lastBreak));
  const all: Variant[] = [
    { text },
    { text: text.replaceAll('*', ''), how: 'without asterisks' },
    { text: rest, how: 'without its first line' },
    { text: start, how: 'without its last line' },
    { text: middle, how: 'without its first and last lines' },
    { text: rest.replaceAll('*', ''), how: 'without its first line and asterisks' },
    { text: start.replaceAll('*', ''), how: 'without its last line and asterisks' },
    { text: middle.replaceAll('*', ''), how: 'without its first and last lines and asterisks' },
  ];
  return all.filter((one, i) => all.findIndex(({ text: other }) => other === one.text) === i);
}

/** One verdict an instruction, in order. */
export function evaluate(
  text: string,
  instructions: readonly Instruction[],
  mode: Mode = 'strict',
  own?: ReadonlyMap<string, Constraint>,
): Verdict[] {
  const variants = variantsOf(text, mode);
  return instructions.map((instruction) => check(prepare(instruction, own), variants));
}
