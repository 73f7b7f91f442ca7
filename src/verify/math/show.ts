import { show as showRational, size } from './rational.ts';
import type { Node, RelationOperator } from './tree.ts';

const operators: Readonly<Record<RelationOperator, string>> = {
  '=': '=',
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
  '!=': '≠',
  approx: '≈',
  in: '∈',
  notin: '∉',
  cong: '≡',
};
const joins = { cup: '∪', cap: '∩', minus: '∖' } as const;

/** What was read, as one line for a person; cut to a length. Not a form to compare. */
export function showNode(node: Node, limit = 80): string {
  const text = print(node, 0);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function print(node: Node, depth: number): string {
  if (depth > 12) return '…';
  const inner = (child: Node) => print(child, depth + 1);
  const wrapped = (child: Node) =>
    child.kind === 'add' ||
    child.kind === 'mul' ||
    child.kind === 'pm' ||
    (child.kind === 'num' && (child.q.d !== 1n || child.q.n < 0n)) ||
    child.kind === 'pow'
      ? `(${inner(child)})`
      : inner(child);
  switch (node.kind) {
    case 'num': {
      if (size(node.q) > 2000) return `a number of ${size(node.q)} bits`;
      const text = showRational(node.q);
      return text.length > 40 ? `${text.slice(0, 18)}…${text.slice(-8)}` : text;
    }
    case 'sym':
      return node.name.replace(/\\/g, '');
    case 'const':
      return { pi: 'π', e: 'e', i: 'i', inf: '∞' }[node.name];
    case 'add':
      return node.items.map(inner).join(' + ').replaceAll('+ -', '- ');
    case 'mul': {
      const [first, ...rest] = node.items;
      if (first?.kind === 'num' && first.q.n === -1n && first.q.d === 1n && rest.length > 0)
        return `-${rest.map(wrapped).join('·')}`;
      return node.items.map((item) => (item.kind === 'add' ? `(${inner(item)})` : inner(item))).join('·');
    }
    case 'pow':
      return `${wrapped(node.base)}^${wrapped(node.exponent)}`;
    case 'root':
      return node.index === 2 ? `√${wrapped(node.of)}` : `root${node.index}${wrapped(node.of)}`;
    case 'call':
      if (node.name === 'abs') return `|${inner(node.items[0]!)}|`;
      if (node.name === 'factorial') return `${wrapped(node.items[0]!)}!`;
      return `${node.name.replace('?', '')}(${node.items.map(inner).join(', ')})`;
    case 'apply':
      return `${node.name}(${node.items.map(inner).join(', ')})`;
    case 'series':
      return `${node.name}(${node.index}=${inner(node.from)}..${inner(node.to)}: ${inner(node.body)})`;
    case 'pm':
      return `±${wrapped(node.of)}`;
    case 'percent':
      return `${wrapped(node.of)}%`;
    case 'degree':
      return `${wrapped(node.of)}°`;
    case 'unit':
      return node.name;
    case 'opaque':
      return node.text;
    case 'tuple':
      return `${node.open}${node.items.map(inner).join(', ')}${node.close}`;
    case 'set':
      return node.items.length === 0 ? '∅' : `{${node.items.map(inner).join(', ')}}`;
    case 'builder':
      return `{${inner(node.of)} | ${node.such.map(inner).join(', ')}}`;
    case 'list':
      return node.items.map(inner).join(node.join === ',' ? ', ' : ` ${node.join} `);
    case 'dots':
      return '…';
    case 'domain':
      return node.name;
    case 'join':
      return node.items.map(inner).join(` ${joins[node.op]} `);
    case 'relation': {
      if (node.items.length === node.ops.length) return `${operators[node.ops[0]!]} ${inner(node.items[0]!)}`;
      let text = inner(node.items[0]!);
      for (let i = 1; i < node.items.length; i++)
        text += ` ${operators[node.ops[i - 1] ?? 'cong']} ${inner(node.items[i]!)}`;
      return text;
    }
    case 'matrix':
      return `[${node.rows.map((row) => row.map(inner).join(' ')).join('; ')}]`;
    case 'cases':
      return node.branches
        .map((branch) =>
          branch.when
            ? `${inner(branch.value)} if ${inner(branch.when)}`
            : `${inner(branch.value)} otherwise`,
        )
        .join('; ');
    case 'colon':
      return node.clock ?? node.items.map(inner).join(':');
    case 'base':
      return `${node.digits} in base ${node.base}`;
    case 'time':
      return `${Math.floor(node.minutes / 60)}:${String(Math.floor(node.minutes % 60)).padStart(2, '0')}`;
    case 'date':
      return node.text;
    case 'text':
      return `"${node.words.join(' ')}"`;
  }
}
