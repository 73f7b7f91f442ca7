import { multiply, power, type Rational, ratio } from './rational.ts';
import type { Node } from './tree.ts';

/** A unit of measure: how many base units it is, and of what. Dimensions are exponents by base name. */
export interface Unit {
  readonly factor: Rational;
  readonly dimensions: Readonly<Record<string, number>>;
}

const table = new Map<string, Unit>();

function define(
  names: string,
  n: number | bigint,
  d: number | bigint,
  dimensions: Record<string, number>,
): void {
  const unit: Unit = { factor: ratio(BigInt(n), BigInt(d)), dimensions };
  for (const name of names.trim().split(/\s+/)) table.set(name, unit);
}

const length = { length: 1 };
const area = { length: 2 };
const volume = { length: 3 };
const mass = { mass: 1 };
const time = { time: 1 };
define('m meter meters metre metres', 1, 1, length);
define('cm centimeter centimeters centimetre centimetres', 1, 100, length);
define('mm millimeter millimeters millimetre millimetres', 1, 1000, length);
define('dm decimeter decimeters decimetre decimetres', 1, 10, length);
define('km kilometer kilometers kilometre kilometres', 1000, 1, length);
define('micrometer micrometers micron microns', 1, 1_000_000, length);
define('nm nanometer nanometers', 1, 1_000_000_000, length);
define('in inch inches', 254, 10_000, length);
define('ft foot feet', 3048, 10_000, length);
define('yd yard yards', 9144, 10_000, length);
define('mi mile miles', 1_609_344, 1000, length);
define('ha hectare hectares', 10_000, 1, area);
define('acre acres', 40_468_564_224, 10_000_000, area);
define('sqft', 9_290_304, 100_000_000, area);
define('L l liter liters litre litres', 1, 1000, volume);
define('mL ml milliliter milliliters millilitre millilitres cc', 1, 1_000_000, volume);
define('gal gallon gallons', 3_785_411_784n, 1_000_000_000_000n, volume);
define('qt quart quarts', 946_352_946n, 1_000_000_000_000n, volume);
define('pt pint pints', 473_176_473n, 1_000_000_000_000n, volume);
define('cup cups', 2_365_882_365n, 10_000_000_000_000n, volume);
define('g gram grams gramme grammes', 1, 1000, mass);
define('kg kilogram kilograms kilo kilos', 1, 1, mass);
define('mg milligram milligrams', 1, 1_000_000, mass);
define('t tonne tonnes', 1000, 1, mass);
define('ton tons', 90_718_474, 100_000, mass);
define('lb lbs pound pounds', 45_359_237, 100_000_000, mass);
define('oz ounce ounces', 45_359_237, 1_600_000_000, mass);
define('s sec secs second seconds', 1, 1, time);
define('ms millisecond milliseconds', 1, 1000, time);
define('min mins minute minutes', 60, 1, time);
define('h hr hrs hour hours', 3600, 1, time);
define('day days', 86_400, 1, time);
define('week weeks', 604_800, 1, time);
define('month months', 1, 1, { month: 1 });
define('year years yr yrs', 12, 1, { month: 1 });
define('mph', 1_609_344, 3_600_000, { length: 1, time: -1 });
define('kph kmh kmph', 1000, 3600, { length: 1, time: -1 });
define('N newton newtons', 1, 1, { mass: 1, length: 1, time: -2 });
define('J joule joules', 1, 1, { mass: 1, length: 2, time: -2 });
define('kJ kilojoule kilojoules', 1000, 1, { mass: 1, length: 2, time: -2 });
define('W watt watts', 1, 1, { mass: 1, length: 2, time: -3 });
define('kW kilowatt kilowatts', 1000, 1, { mass: 1, length: 2, time: -3 });
define('Pa pascal pascals', 1, 1, { mass: 1, length: -1, time: -2 });
define('kPa', 1000, 1, { mass: 1, length: -1, time: -2 });
define('Hz hertz', 1, 1, { time: -1 });
define('V volt volts', 1, 1, { volt: 1 });
define('A amp amps ampere amperes', 1, 1, { ampere: 1 });
define('ohm ohms', 1, 1, { ohm: 1 });
define('mol mole moles', 1, 1, { mole: 1 });
define('K kelvin kelvins', 1, 1, { kelvin: 1 });
define('celsius', 1, 1, { celsius: 1 });
define('fahrenheit', 1, 1, { fahrenheit: 1 });
define('cal calorie calories', 1, 1, { calorie: 1 });
define('bit bits', 1, 1, { bit: 1 });
define('byte bytes', 8, 1, { bit: 1 });
define('$ dollar dollars USD usd buck bucks', 1, 1, { dollar: 1 });
define('¢ cent cents', 1, 100, { dollar: 1 });
define('€ euro euros EUR eur', 1, 1, { euro: 1 });
define('£ GBP gbp', 1, 1, { sterling: 1 });
define('pence', 1, 100, { sterling: 1 });
define('penny pennies', 1, 100, { dollar: 1 });
define('¥ yen JPY yuan', 1, 1, { yen: 1 });
define('₹ rupee rupees', 1, 1, { rupee: 1 });
define('radian radians rad rads', 1, 1, { radian: 1 });

/** Generic words for a unit that say nothing: "12 units", "9 square units". */
const generic = new Set(['unit', 'units', 'u', 'un']);

/** The unit of a name: abbreviations as they are written, spelled-out names in any case. */
export function unitNamed(name: string): Unit | undefined {
  return table.get(name) ?? (name.length > 2 ? table.get(name.toLowerCase()) : undefined);
}

export function isGenericUnit(name: string): boolean {
  return generic.has(name.toLowerCase());
}

export function isUnitWord(name: string): boolean {
  return unitNamed(name) !== undefined || isGenericUnit(name);
}

/** A value and the unit that it carries, if any. `unit` is undefined without one; dimensions are empty for a generic one. */
export interface Measured {
  readonly value: Node;
  readonly unit: Unit | undefined;
}

/**
 * Takes the unit factors out of a product. Undefined when units stand where they have no meaning for a comparison
 * (inside a function, in one term of a sum).
 */
export function measure(node: Node): Measured | undefined {
  const found: { factor: Rational; dimensions: Record<string, number>; any: boolean } = {
    factor: { n: 1n, d: 1n },
    dimensions: {},
    any: false,
  };
  const rest: Node[] = [];
  const walk = (at: Node, exponent: number): boolean => {
    if (at.kind === 'unit') {
      found.any = true;
      const unit = unitNamed(at.name);
      if (!unit) return true;
      const scaled = power(unit.factor, exponent);
      if (!scaled) return false;
      found.factor = multiply(found.factor, scaled);
      for (const [name, degree] of Object.entries(unit.dimensions))
        found.dimensions[name] = (found.dimensions[name] ?? 0) + degree * exponent;
      return true;
    }
    if (!hasUnit(at)) {
      rest.push(exponent === 1 ? at : { kind: 'pow', base: at, exponent: intNode(exponent) });
      return true;
    }
    if (at.kind === 'mul') return at.items.every((item) => walk(item, exponent));
    if (at.kind === 'pow' && at.exponent.kind === 'num' && at.exponent.q.d === 1n) {
      const k = Number(at.exponent.q.n);
      return Math.abs(k) <= 12 && Math.abs(k * exponent) <= 12 && walk(at.base, k * exponent);
    }
    return false;
  };
  if (node.kind === 'add' && hasUnit(node)) return measureSum(node.items);
  if (!walk(node, 1)) return undefined;
  const value: Node =
    rest.length === 1 ? rest[0]! : rest.length === 0 ? intNode(1) : { kind: 'mul', items: rest };
  return { value, unit: found.any ? { factor: found.factor, dimensions: found.dimensions } : undefined };
}

/** "5 ft 3 in", "1 h + 30 min": all terms in the unit of the last one. */
function measureSum(items: readonly Node[]): Measured | undefined {
  const parts: Measured[] = [];
  for (const item of items) {
    const part = measure(item);
    if (!part?.unit) return undefined;
    parts.push(part);
  }
  const last = parts[parts.length - 1]!.unit!;
  if (!parts.every((part) => sameDimensions(part.unit!, last))) return undefined;
  return {
    value: {
      kind: 'add',
      items: parts.map((part) => ({
        kind: 'mul',
        items: [
          part.value,
          {
            kind: 'num',
            q: ratio(part.unit!.factor.n * last.factor.d, part.unit!.factor.d * last.factor.n),
          },
        ],
      })),
    },
    unit: last,
  };
}

export function sameDimensions(a: Unit, b: Unit): boolean {
  for (const name of Object.keys(a.dimensions))
    if ((b.dimensions[name] ?? 0) !== a.dimensions[name]) return false;
  for (const name of Object.keys(b.dimensions))
    if ((a.dimensions[name] ?? 0) !== b.dimensions[name]) return false;
  return true;
}

/** A unit that says nothing ("units", "square units"). */
export function saysNothing(unit: Unit): boolean {
  return Object.keys(unit.dimensions).length === 0;
}

function intNode(n: number): Node {
  return { kind: 'num', q: { n: BigInt(n), d: 1n } };
}

export function hasUnit(node: Node): boolean {
  if (node.kind === 'unit') return true;
  if (node.kind === 'mul' || node.kind === 'add') return node.items.some(hasUnit);
  if (node.kind === 'pow') return hasUnit(node.base);
  return false;
}
