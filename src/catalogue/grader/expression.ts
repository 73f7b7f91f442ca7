import { InputError } from '../../core/index.ts';

/** An arithmetic expression over named numbers, ready to be evaluated. */
export interface Expression {
  readonly names: ReadonlySet<string>;
  evaluate(values: { readonly [name: string]: number }): number;
}

type Node = (values: { readonly [name: string]: number }) => number;

const functions: { readonly [name: string]: (...args: number[]) => number } = {
  min: Math.min,
  max: Math.max,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  exp: Math.exp,
  sqrt: Math.sqrt,
  log: Math.log,
};

const longest = 2000;
const deepest = 100;

/**
 * Reads `calculate_output` of a multi grader: `+ - * / ^`, brackets, and the functions min, max, abs, floor, ceil, exp,
 * sqrt and log over grader names and numbers. Throws InputError.
 */
export function readExpression(text: string): Expression {
  const fail = (what: string) => new InputError(`calculate_output: ${what}`);
  if (text.length > longest) throw fail(`has over ${longest} characters`);
  const tokens = text.match(/\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_]\w*|\*\*|\S/g) ?? [];
  const names = new Set<string>();
  let at = 0;
  let depth = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  };
  const need = (token: string) => {
    if (!take(token)) throw fail(`expected '${token}' before '${tokens[at] ?? 'the end'}'`);
  };

  const sum = (): Node => {
    if (++depth > deepest) throw fail(`nests over ${deepest} deep`);
    let left = product();
    for (;;) {
      const a = left;
      if (take('+')) {
        const b = product();
        left = (values) => a(values) + b(values);
      } else if (take('-')) {
        const b = product();
        left = (values) => a(values) - b(values);
      } else break;
    }
    depth--;
    return left;
  };
  const product = (): Node => {
    let left = signed();
    for (;;) {
      const a = left;
      if (take('*')) {
        const b = signed();
        left = (values) => a(values) * b(values);
      } else if (take('/')) {
        const b = signed();
        left = (values) => a(values) / b(values);
      } else return left;
    }
  };
  const signed = (): Node => {
    let minus = false;
    while (tokens[at] === '-' || tokens[at] === '+') if (tokens[at++] === '-') minus = !minus;
    const inner = power();
    return minus ? (values) => -inner(values) : inner;
  };
  const power = (): Node => {
    const base = atom();
    if (!take('^') && !take('**')) return base;
    if (++depth > deepest) throw fail(`nests over ${deepest} deep`);
    const exponent = signed();
    depth--;
    return (values) => base(values) ** exponent(values);
  };
  const atom = (): Node => {
    const token = tokens[at++];
    if (token === undefined) throw fail('ends too early');
    if (token === '(') {
      const inner = sum();
      need(')');
      return inner;
    }
    if (/^[\d.]/.test(token)) {
      const value = Number(token);
      if (!Number.isFinite(value)) throw fail(`'${token}' is no number`);
      return () => value;
    }
    if (!/^[A-Za-z_]/.test(token)) throw fail(`'${token}' is not expected here`);
    if (tokens[at] !== '(') {
      names.add(token);
      return (values) => values[token]!;
    }
    const apply = Object.hasOwn(functions, token) ? functions[token] : undefined;
    if (apply === undefined)
      throw fail(`there is no function '${token}' (${Object.keys(functions).join(', ')})`);
    need('(');
    const args = [sum()];
    while (take(',')) args.push(sum());
    need(')');
    return (values) => apply(...args.map((arg) => arg(values)));
  };

  const evaluate = sum();
  if (at < tokens.length) throw fail(`'${tokens[at]}' is not expected here`);
  return { names, evaluate };
}
