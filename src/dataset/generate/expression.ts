import type { Random } from '../../core/index.ts';

export type Operator = '+' | '-' | '*' | '/';

/** A number, or two expressions under an operator. */
export type Expression =
  | { readonly number: number }
  | { readonly operator: Operator; readonly left: Expression; readonly right: Expression };

/** A random full binary tree over the numbers in a random order. */
export function randomExpression(
  numbers: readonly number[],
  operators: readonly Operator[],
  random: Random,
): Expression {
  const build = (leaves: readonly number[]): Expression => {
    if (leaves.length === 1) return { number: leaves[0]! };
    const cut = 1 + random.integer(leaves.length - 1);
    const operator = random.pick(operators);
    return { operator, left: build(leaves.slice(0, cut)), right: build(leaves.slice(cut)) };
  };
  return build(random.shuffle([...numbers]));
}

/** Exact value as a reduced fraction [numerator, denominator > 0], or undefined for a division by zero. */
export function evaluateExpression(of: Expression): readonly [number, number] | undefined {
  if ('number' in of) return [of.number, 1];
  const left = evaluateExpression(of.left);
  const right = evaluateExpression(of.right);
  if (!left || !right) return undefined;
  const [a, b] = left;
  const [c, d] = right;
  if (of.operator === '+') return reduce(a * d + c * b, b * d);
  if (of.operator === '-') return reduce(a * d - c * b, b * d);
  if (of.operator === '*') return reduce(a * c, b * d);
  return c === 0 ? undefined : reduce(a * d, b * c);
}

function reduce(numerator: number, denominator: number): readonly [number, number] {
  let [a, b] = [Math.abs(numerator), Math.abs(denominator)];
  while (b > 0) [a, b] = [b, a % b];
  const scale = (denominator < 0 ? -1 : 1) * (a || 1);
  return [numerator / scale, denominator / scale];
}

/**
 * The expression as text with as few brackets as its value allows. Sums are flattened, terms in descending order with
 * the added ones first, so that equal sums are written alike: demonstrations then show one way, not many.
 */
export function writeExpression(of: Expression): string {
  if ('number' in of) return String(of.number);
  if (of.operator === '+' || of.operator === '-') {
    const added: Expression[] = [];
    const taken: Expression[] = [];
    collect(of, false, added, taken);
    const order = (a: Expression, b: Expression) => size(b) - size(a);
    added.sort(order);
    taken.sort(order);
    const text = added.map(factor).join('+') + taken.map((term) => `-${factor(term)}`).join('');
    return text;
  }
  const left = factor(of.left);
  const right = 'number' in of.right ? String(of.right.number) : `(${writeExpression(of.right)})`;
  return `${left}${of.operator}${right}`;
}

/** Brackets around a sum inside a product; a product inside a sum needs none. */
function factor(of: Expression): string {
  const isSum = 'operator' in of && (of.operator === '+' || of.operator === '-');
  return isSum ? `(${writeExpression(of)})` : writeExpression(of);
}

function size(of: Expression): number {
  const value = evaluateExpression(of);
  return value ? value[0] / value[1] : 0;
}

function collect(of: Expression, negative: boolean, added: Expression[], taken: Expression[]): void {
  if ('operator' in of && (of.operator === '+' || of.operator === '-')) {
    collect(of.left, negative, added, taken);
    collect(of.right, of.operator === '-' ? !negative : negative, added, taken);
  } else (negative ? taken : added).push(of);
}
