import type { Random } from 'assay/core';
import type { Fault } from 'assay/dataset/generate';
import {
  type Code,
  commutative,
  compute,
  type Instruction,
  literals,
  literalValue,
  type Operand,
  operations,
  registers,
  renamed,
  variables,
} from './oorl-gepo.mini-ir.ts';

/** Code to code of the same meaning. */
export type Pass = (code: Code) => Code;

/** Computes what depends on literals alone, where the result has a literal of its own. */
export function foldConstants({ width, instructions, result }: Code): Code {
  const folded = new Map<string, Operand>();
  const now = (operand: Operand) => folded.get(operand) ?? operand;
  const kept: Instruction[] = [];
  for (const { to, operation, operands } of instructions) {
    const [left, right] = [now(operands[0]), now(operands[1])];
    const [a, b] = [literalValue(left), literalValue(right)];
    const literal =
      a === undefined || b === undefined ? undefined : literals[compute(operation, a, b, width)];
    if (literal === undefined) kept.push({ to, operation, operands: [left, right] });
    else folded.set(to, literal);
  }
  return renamed({ width, instructions: kept, result: now(result) });
}

/** Twice a value is its sum with itself, 4 or 8 times it a shift. */
export function reduceStrength({ width, instructions, result }: Code): Code {
  const reduced = ({ to, operation, operands: [a, b] }: Instruction): Instruction => {
    const [value, factor] = literalValue(a) === undefined ? [a, b] : [b, a];
    const same: Instruction = { to, operation, operands: [a, b] };
    if (operation !== '*' || literalValue(value) !== undefined) return same;
    if (factor === '2') return { to, operation: '+', operands: [value, value] };
    if (factor === '4') return { to, operation: '<', operands: [value, '2'] };
    return factor === '8' ? { to, operation: '<', operands: [value, '3'] } : same;
  };
  return { width, instructions: instructions.map(reduced), result };
}

/**
 * Instructions that do not need each other the other way round (of those that are ready the last comes first), and operands whose order
 * does not matter from complex to simple: registers, variables, literals.
 */
export function reorder({ width, instructions, result }: Code): Code {
  const waiting = [...instructions];
  const ordered: Instruction[] = [];
  while (waiting.length > 0) {
    const missing = new Set(waiting.map(({ to }) => to));
    const at = waiting.findLastIndex(({ operands }) => !operands.some((operand) => missing.has(operand)));
    ordered.push(...waiting.splice(at, 1));
  }
  const rank = (operand: Operand) => (registers.includes(operand) ? 0 : variables.includes(operand) ? 1 : 2);
  const canonical = ({ to, operation, operands: [a, b] }: Instruction): Instruction => ({
    to,
    operation,
    operands: commutative.has(operation) && rank(b) < rank(a) ? [b, a] : [a, b],
  });
  return renamed({ width, instructions: ordered.map(canonical), result });
}

/** The optimisation levels. The last one never wins: it does what all others do. */
export const levels: { readonly [name: string]: readonly Pass[] } = {
  none: [],
  fold: [foldConstants],
  strength: [reduceStrength],
  reorder: [reorder],
  all: [foldConstants, reduceStrength, reorder],
};

export function optimise(code: Code, level: string): Code {
  return levels[level]!.reduce((now, pass) => pass(now), code);
}

/** The code with one of its instructions replaced; undefined where it has none. */
function withInstruction(
  code: Code,
  random: Random,
  change: (instruction: Instruction, at: number) => Instruction | undefined,
): Code | undefined {
  if (code.instructions.length === 0) return undefined;
  const at = random.integer(code.instructions.length);
  const changed = change(code.instructions[at]!, at);
  return changed && { ...code, instructions: code.instructions.with(at, changed) };
}

/** Another operand on one side of an instruction, from what may stand there. */
function withOperand(
  code: Code,
  random: Random,
  others: (operand: Operand, at: number) => readonly Operand[],
): Code | undefined {
  return withInstruction(code, random, ({ to, operation, operands }, at) => {
    const side = random.integer(2);
    const choices = others(operands[side]!, at).filter((other) => other !== operands[side]);
    if (choices.length === 0) return undefined;
    const other = random.pick(choices);
    return { to, operation, operands: side === 0 ? [other, operands[1]] : [operands[0], other] };
  });
}

/** Mistakes of a compiler. Each leaves code that compiles. */
export const faults: { readonly [name: string]: Fault<Code> } = {
  /** A register or variable in the place of another. */
  operand: (code, random) =>
    withOperand(code, random, (operand, at) =>
      literalValue(operand) === undefined ? [...variables, ...registers.slice(0, at)] : [],
    ),
  constant: (code, random) =>
    withOperand(code, random, (operand) => (literalValue(operand) === undefined ? [] : literals)),
  operation: (code, random) =>
    withInstruction(code, random, (instruction) => ({
      ...instruction,
      operation: random.pick(operations.filter((other) => other !== instruction.operation)),
    })),
  /** The operands of an instruction exchanged. */
  exchange: (code, random) =>
    withInstruction(code, random, ({ to, operation, operands: [a, b] }) => ({
      to,
      operation,
      operands: [b, a],
    })),
  /** An instruction left out; what used it uses its first or second operand. */
  drop: (code, random) => {
    if (code.instructions.length === 0) return undefined;
    const at = random.integer(code.instructions.length);
    const { to, operands } = code.instructions[at]!;
    const instead = operands[random.integer(2)]!;
    const now = (operand: Operand) => (operand === to ? instead : operand);
    return renamed({
      width: code.width,
      instructions: code.instructions
        .toSpliced(at, 1)
        .map(({ to, operation, operands: [a, b] }) => ({ to, operation, operands: [now(a), now(b)] })),
      result: now(code.result),
    });
  },
  width: (code) => ({ ...code, width: code.width === 'b' ? 'h' : 'b' }),
};
