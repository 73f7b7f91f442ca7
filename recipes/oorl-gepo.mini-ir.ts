/**
 * A small intermediate representation: three-address code on integers of 8 or 16 bits, in static single assignment, straight on
 * without jumps. As text one character a symbol: the width, instructions of four symbols (register, operation, two operands),
 * `=` and what is returned. `hp*x2q+p3=q` is, on 16 bits, p = x·2, q = p + 3, return q.
 */

/** `b`: 8 bits, `h`: 16 bits. Numbers wrap around, and are read as unsigned. */
export const widths = { b: 8, h: 16 } as const;
export type Width = keyof typeof widths;
export const variables = [...'xyz'];
export const registers = [...'pqrstuvw'];
/** Hexadecimal digits, the only literals. */
export const literals = [...'0123456789ABCDEF'];
/** `<` shifts to the left; by the width or more it gives 0. */
export const operations = [...'+-*<'];
export const commutative = new Set(['+', '*']);

/** Every symbol of the source language (`:` ends it) and of the representation. */
export const symbols = [
  ...Object.keys(widths),
  ...variables,
  ...registers,
  ...literals,
  ...operations,
  '=',
  ':',
];

/** A register, a variable or a literal. */
export type Operand = string;

export interface Instruction {
  readonly to: string;
  readonly operation: string;
  readonly operands: readonly [Operand, Operand];
}

export interface Code {
  readonly width: Width;
  readonly instructions: readonly Instruction[];
  readonly result: Operand;
}

/** The value of a literal; undefined for other operands. */
export function literalValue(operand: Operand): number | undefined {
  const value = literals.indexOf(operand);
  return value < 0 ? undefined : value;
}

/** One operation on numbers of so many bits. */
export function compute(operation: string, a: number, b: number, width: Width): number {
  const bits = widths[width];
  const wrap = (value: number) => (value & ((1 << bits) - 1)) >>> 0;
  if (operation === '+') return wrap(a + b);
  if (operation === '-') return wrap(a - b);
  if (operation === '*') return wrap(Math.imul(a, b));
  return b >= bits ? 0 : wrap(a << b);
}

/** The code with its registers named in order. */
export function renamed({ width, instructions, result }: Code): Code {
  const names = new Map(instructions.map(({ to }, i) => [to, registers[i]!]));
  const name = (operand: Operand) => names.get(operand) ?? operand;
  return {
    width,
    instructions: instructions.map(({ to, operation, operands: [a, b] }) => ({
      to: name(to),
      operation,
      operands: [name(a), name(b)],
    })),
    result: name(result),
  };
}

export function print({ width, instructions, result }: Code): string {
  const lines = instructions.map(({ to, operation, operands }) => `${to}${operation}${operands.join('')}`);
  return `${width}${lines.join('')}=${result}`;
}

/** Code from its text; undefined where it does not compile: a foreign symbol, a register that is not set yet or set twice. */
export function read(text: string): Code | undefined {
  const width = text[0];
  const end = text.length - 2;
  if (width === undefined || !Object.hasOwn(widths, width) || text[end] !== '=') return undefined;
  if (end < 1 || (end - 1) % 4 !== 0 || (end - 1) / 4 > registers.length) return undefined;
  const known = new Set([...variables, ...literals]);
  const instructions: Instruction[] = [];
  for (let at = 1; at < end; at += 4) {
    const [to, operation, a, b] = [text[at]!, text[at + 1]!, text[at + 2]!, text[at + 3]!];
    const sound = registers.includes(to) && !known.has(to) && operations.includes(operation);
    if (!sound || !known.has(a) || !known.has(b)) return undefined;
    instructions.push({ to, operation, operands: [a, b] });
    known.add(to);
  }
  const result = text[end + 1]!;
  return known.has(result) ? { width: width as Width, instructions, result } : undefined;
}

/** What code returns for values of its variables, which are cut to its width. */
export function evaluate(
  { width, instructions, result }: Code,
  values: Readonly<Record<string, number>>,
): number {
  const set = new Map(variables.map((name) => [name, compute('+', values[name]!, 0, width)]));
  const now = (operand: Operand) => literalValue(operand) ?? set.get(operand)!;
  for (const { to, operation, operands } of instructions)
    set.set(to, compute(operation, now(operands[0]), now(operands[1]), width));
  return now(result);
}

/** An expression of the source language: a leaf, or an operation on two. */
export type Expression = Operand | readonly [operation: string, left: Expression, right: Expression];

/** A function of the source language: the type of its numbers and what it returns. */
export interface Source {
  readonly width: Width;
  readonly body: Expression;
}

/** Operations before their operands: `h-*x2+34:` is, on 16 bits, x·2 − (3 + 4). */
export function written({ width, body }: Source): string {
  const text = (of: Expression): string =>
    typeof of === 'string' ? of : `${of[0]}${text(of[1])}${text(of[2])}`;
  return `${width}${text(body)}:`;
}

/** The source as code, operation for operation, operands first. */
export function compile({ width, body }: Source): Code {
  const instructions: Instruction[] = [];
  const emit = (of: Expression): Operand => {
    if (typeof of === 'string') return of;
    const operands = [emit(of[1]), emit(of[2])] as const;
    const to = registers[instructions.length];
    if (to === undefined) throw new RangeError(`more than ${registers.length} operations`);
    instructions.push({ to, operation: of[0], operands });
    return to;
  };
  const result = emit(body);
  return { width, instructions, result };
}
