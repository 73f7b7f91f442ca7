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
 * The expression as text with as few brackets as its value allows. Sums are flattened; their terms stand in the order in
 * which they came ('given', the first added one in front), or the added ones before the others and each by size ('sorted', so
 * that equal sums are written alike).
 */
export function writeExpression(of: Expression, order: 'given' | 'sorted' = 'sorted'): string {
  if ('number' in of) return String(of.number);
  if (of.operator === '+' || of.operator === '-') {
    const terms: Term[] = [];
    collect(of, false, terms);
    if (order === 'sorted')
      terms.sort((a, b) => Number(a.negative) - Number(b.negative) || size(b.of) - size(a.of));
    const first = terms.findIndex(({ negative }) => !negative);
    const [head] = terms.splice(first, 1);
    const rest = terms.map(({ negative, of: term }) => `${negative ? '-' : '+'}${factor(term, order)}`);
    return factor(head!.of, order) + rest.join('');
  }
  const right = 'number' in of.right ? String(of.right.number) : `(${writeExpression(of.right, order)})`;
  return `${factor(of.left, order)}${of.operator}${right}`;
}

/** Brackets around a sum inside a product; a product inside a sum needs none. */
function factor(of: Expression, order: 'given' | 'sorted'): string {
  const isSum = 'operator' in of && (of.operator === '+' || of.operator === '-');
  return isSum ? `(${writeExpression(of, order)})` : writeExpression(of, order);
}

function size(of: Expression): number {
  const value = evaluateExpression(of);
  return value ? value[0] / value[1] : 0;
}

/** A term of a sum; at least one of a sum's terms is added, since subtraction flips only what stands right of it. */
interface Term {
  readonly negative: boolean;
  readonly of: Expression;
}

function collect(of: Expression, negative: boolean, terms: Term[]): void {
  if ('operator' in of && (of.operator === '+' || of.operator === '-')) {
    collect(of.left, negative, terms);
    collect(of.right, of.operator === '-' ? !negative : negative, terms);
  } else terms.push({ negative, of });
}
