import { type Unit, unitNamed } from './math/units.ts';

/** A unit that stands beside a number: its size as one unit of its dimensions, and how it was written. */
export interface StatedUnit {
  readonly factor: number;
  readonly dimensions: { readonly [base: string]: number };
  readonly name: string;
}

const longest = 40;

/**
 * The unit of the number at `start` to `end` of a text: a currency sign in front; or behind it a percent sign or a unit, of
 * which one may be divided by another ('km/h', 'dollars per hour') or raised ('m^2', 'square metres'). Undefined when what
 * stands there is no unit.
 */
export function unitBeside(text: string, start: number, end: number): StatedUnit | undefined {
  const sign = /([$€£¥₹])\s?$/.exec(text.slice(Math.max(0, start - 2), start))?.[1];
  if (sign !== undefined) return stated(unitNamed(sign)!, 1, sign);
  const behind = text
    .slice(end, end + longest)
    .replace(/^[\s}~]*/, '')
    .replace(/\\(?:text|mathrm|textbf)\s*\{\s*/g, '')
    .replace(/\\?[,;:!]\s*/g, ' ')
    .trimStart();
  if (/^\\?%|^percent\b/i.test(behind)) return { factor: 1, dimensions: { percent: 1 }, name: '%' };
  const raised = /^(square|cubic|sq\.?|cu\.?)\s+/i.exec(behind);
  const rest = raised ? behind.slice(raised[0].length) : behind;
  const above = oneUnit(rest);
  if (above === undefined) return undefined;
  const word = raised ? (/^s/i.test(raised[1]!) ? 2 : 3) : above.power;
  const top = stated(above.unit, word, above.name);
  const per = /^\s*(?:\/|per\b)\s*(?:an?\s+)?/i.exec(rest.slice(above.length));
  const below = per ? oneUnit(rest.slice(above.length + per[0].length)) : undefined;
  if (below === undefined) return top;
  const bottom = stated(below.unit, below.power, below.name);
  const dimensions: Record<string, number> = { ...top.dimensions };
  for (const [base, power] of Object.entries(bottom.dimensions))
    dimensions[base] = (dimensions[base] ?? 0) - power;
  return { factor: top.factor / bottom.factor, dimensions, name: `${top.name}/${bottom.name}` };
}

function oneUnit(text: string): { unit: Unit; power: number; name: string; length: number } | undefined {
  const match = /^([\p{L}¢°]{1,20})\.?(?:\^?\{?([23])\}?|([²³]))?/u.exec(text);
  if (!match) return undefined;
  const unit = unitNamed(match[1]!);
  if (unit === undefined) return undefined;
  const power = match[2] ? Number(match[2]) : match[3] === '²' ? 2 : match[3] === '³' ? 3 : 1;
  return { unit, power, name: match[1]!, length: match[0].length };
}

function stated({ factor, dimensions }: Unit, power: number, name: string): StatedUnit {
  const raised: Record<string, number> = {};
  for (const [base, exponent] of Object.entries(dimensions)) raised[base] = exponent * power;
  return { factor: (Number(factor.n) / Number(factor.d)) ** power, dimensions: raised, name };
}

/** Do two units measure the same thing? */
export function sameKind(a: StatedUnit, b: StatedUnit): boolean {
  const bases = new Set([...Object.keys(a.dimensions), ...Object.keys(b.dimensions)]);
  return [...bases].every((base) => (a.dimensions[base] ?? 0) === (b.dimensions[base] ?? 0));
}
