import { InputError, isDescribed, nearest, type Schedule, scaled } from '../core/index.ts';
import { type Arm, armOf, type Recipe, type RecipeOptions, recipe, type Update } from './recipe.ts';
import type { Scalar, Study } from './study.ts';

/** `x0.5`: half of whatever stands there. */
export type Factor = `x${number}`;

/** One field of a recipe or study and what it is to be in place of what it is. */
export interface Variation {
  /** A dotted path: `optimizer.learningRate`, `warmStart.steps`, `stages.NAME.optimizer.learningRate`. */
  readonly field: string;
  readonly value: Scalar | Factor;
}

/** A variation in a word: `optimizer.learningRate=x0.5`. */
export function variationName({ field, value }: Variation): string {
  return `${field}=${value}`;
}

/** The number that a factor multiplies by; undefined for a value that is to stand there itself. */
export function factorOf(value: Scalar): number | undefined {
  const by = typeof value === 'string' && /^x[\d.]/.test(value) ? Number(value.slice(1)) : Number.NaN;
  return by > 0 && Number.isFinite(by) ? by : undefined;
}

/** What values are ordered by; NaN for those without an order. */
export function sizeOf(value: Scalar): number {
  return typeof value === 'number' ? value : (factorOf(value) ?? Number.NaN);
}

/** Values from small to large, as tables show them; those without an order stay as they were given. */
export function inOrder(values: readonly Scalar[]): Scalar[] {
  return values.toSorted((a, b) => sizeOf(a) - sizeOf(b) || 0);
}

/**
 * A recipe or study with one field changed in every arm, also in arms that set it themselves. The field is changed wherever it
 * stands: in the recipe or arm, in each of its stages and, of `optimizer`, in the updates of the policy; the warm start has its
 * own path. A factor multiplies numbers and schedules alike. Throws InputError, in one line, for a field that an arm does not
 * set, one inside a value that a factory made (its function would not notice) and a value of another type.
 */
export function vary<What extends Recipe | Study>(what: What, variation: Variation): What;
export function vary(what: Recipe | Study, variation: Variation): Recipe | Study {
  if (what.kind === 'study') return varyStudy(what, variation);
  const { arms = {}, metric, expected, ...main } = what.recipe;
  const change = (fields: Arm, arm: string): Arm => {
    const { sameTimeAs: _, ...own } = fields;
    return { ...fields, ...changed({ ...main, ...own }, variation, `recipe '${what.name}', arm '${arm}'`) };
  };
  const varied = recipe({
    ...what.recipe,
    ...change({}, 'main'),
    ...(what.recipe.arms && {
      arms: Object.fromEntries(Object.entries(arms).map(([arm, fields]) => [arm, change(fields, arm)])),
    }),
  });
  for (const arm of Object.keys(arms)) armOf(varied, arm); // an arm that cannot be is refused before any is run
  return varied;
}

function varyStudy(what: Study, { field, value }: Variation): Study {
  const { settings } = what.study;
  if (!settings || Object.keys(settings).length === 0)
    throw new InputError(`study '${what.name}' declares no settings, so nothing of it can be varied`);
  const at = { place: `study '${what.name}'`, field };
  const change = replaced(settings, [field], value, at);
  if (!change) throw unknown(settings, [field], at);
  const study = { ...what.study, settings: change as NonNullable<typeof settings> };
  return { ...what, options: study, study };
}

/** Not settings but names, and what goes round the arms. */
const fixed = new Set(['name', 'summary', 'paper', 'kind', 'model', 'from']);

interface At {
  /** Whose field it is, in words. */
  readonly place: string;
  readonly field: string;
}

/** The top-level fields of a recipe that the change makes new. */
function changed(options: RecipeOptions, { field, value }: Variation, place: string): Partial<RecipeOptions> {
  const path = field.split('.');
  const at = { place, field };
  if (fixed.has(path.at(-1)!)) throw unknown(options, path, at);
  const put = <Owner extends object>(owner: Owner) => replaced(owner, path, value, at) as Owner | undefined;
  const updates = (list: readonly Update[] | undefined): readonly Update[] | undefined => {
    if (!list || path[0] !== 'optimizer') return undefined;
    const next = list.map((update) => (update.model === 'policy' ? (put(update) ?? update) : update));
    return next.some((update, i) => update !== list[i]) ? next : undefined;
  };
  const out: Record<string, unknown> = {};
  const itself = put(options);
  if (itself) out[path[0]!] = (itself as unknown as Record<string, unknown>)[path[0]!];
  const own = updates(options.updates);
  if (own) out.updates = own;
  const stages = options.stages?.map((stage) => {
    const theirs = updates(stage.updates);
    const next = put(stage) ?? stage;
    return theirs ? { ...next, updates: theirs } : next;
  });
  if (stages?.some((stage, i) => stage !== options.stages![i])) out.stages = stages;
  if (Object.keys(out).length === 0) throw unknown(options, path, at);
  return out;
}

/** A copy with the field at the path changed, or undefined where the path leads nowhere. */
function replaced(owner: unknown, path: readonly string[], value: Scalar, at: At): object | undefined {
  const [key, ...rest] = path;
  if (typeof owner !== 'object' || owner === null || ArrayBuffer.isView(owner)) return undefined;
  if (isDescribed(owner))
    throw new InputError(
      `'${at.field}' of ${at.place} lies inside ${owner.name}(), which was made already: only fields of the recipe itself can be varied`,
    );
  if (Array.isArray(owner)) {
    const i = owner.findIndex((each) => (each as { name?: unknown } | null)?.name === key);
    const next = i < 0 ? undefined : replaced(owner[i], rest, value, at);
    return next && owner.map((each, j) => (i === j ? next : each));
  }
  if (!Object.hasOwn(owner, key!)) return undefined;
  const now = (owner as Record<string, unknown>)[key!];
  if (now === undefined) return undefined;
  const next = rest.length > 0 ? replaced(now, rest, value, at) : put(now, value, at);
  return next === undefined ? undefined : { ...owner, [key!]: next };
}

function put(now: unknown, value: Scalar, { place, field }: At): Scalar | Schedule {
  const what = `'${field}' of ${place}`;
  const by = factorOf(value);
  if (isSchedule(now)) {
    if (by === undefined)
      throw new InputError(`${what} is a schedule (${now.name}): multiply it, as in ${field}=x0.5,x1,x2`);
    return by === 1 ? now : scaled(by, now);
  }
  const kind = typeof now;
  if (kind === 'number' && by !== undefined) return by * (now as number);
  if (kind !== 'number' && kind !== 'string' && kind !== 'boolean')
    throw new InputError(`${what} is neither a number, a word nor true or false, so it cannot be varied`);
  if (by !== undefined)
    throw new InputError(`${what} is ${JSON.stringify(now)}, which ${value} cannot multiply`);
  if (typeof value !== kind)
    throw new InputError(`${what} is ${JSON.stringify(now)}; ${JSON.stringify(value)} is no ${kind}`);
  return value;
}

function isSchedule(value: unknown): value is Schedule {
  return isDescribed(value) && typeof (value as Partial<Schedule>).at === 'function';
}

/** The line for a path that leads nowhere, with the field that may have been meant. */
function unknown(options: object, path: readonly string[], { place, field }: At): InputError {
  let owner: unknown = options;
  const so: string[] = [];
  for (const key of path) {
    if (typeof owner !== 'object' || owner === null) break;
    const list = Array.isArray(owner) ? owner : undefined;
    const names = list
      ? list.map(({ name }: { readonly name?: string }) => name ?? '')
      : Object.keys(owner).filter((name) => !fixed.has(name));
    if (!names.includes(key)) {
      const near = nearest(key, names);
      const meant = near && [...so, near, ...path.slice(so.length + 1)].join('.');
      return new InputError(`${place} sets no '${field}'${meant ? `; did you mean '${meant}'?` : ''}`);
    }
    owner = list ? list[names.indexOf(key)] : (owner as Record<string, unknown>)[key];
    so.push(key);
  }
  return new InputError(`${place} sets no '${field}'`);
}
