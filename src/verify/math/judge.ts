import { Fuel, OutOfFuel } from '../../core/fuel.ts';
import { canonicalShape } from './canonical.ts';
import { choiceOf } from './choice.ts';
import { compareShapes } from './compare.ts';
import type { Context } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { MathOptions } from './options.ts';
import { question, type Reading, read } from './read.ts';
import { type Shape, shapeOf } from './shape.ts';
import { showNode } from './show.ts';
import type { Node } from './tree.ts';
import { some, symbols } from './tree.ts';
import { hasUnit, measure, saysNothing } from './units.ts';
import { type Finding, integerNames, pointAt } from './value.ts';
import { sameWords, wordsOf } from './words.ts';

/** What comparing two answers found. `equal: undefined` is the reference's fault. */
export interface Judgement {
  readonly equal: boolean | undefined;
  readonly proved: boolean;
  readonly reason: string;
  /** The candidate's answer in canonical form, where it has one. */
  readonly answer?: string;
}

/** Operations that one side's reading, and the comparison, may spend. */
const readingShare = 0.2;
const comparingShare = 0.6;

/**
 * Compares a candidate's answer with a reference, both as text. Pure, synchronous, never throws.
 *
 * @param fuel operations for the whole comparison
 */
export function judge(gold: string, pred: string, options: MathOptions, fuel: number): Judgement {
  const quick = quickly(gold, pred);
  if (quick) return quick;
  if (gold.length > options.maxLength)
    return unknown(`the reference has ${gold.length} characters, more than ${options.maxLength}`);
  if (pred.length > options.maxLength)
    return wrong(`the answer has ${pred.length} characters, more than ${options.maxLength}`);
  let reference: { reading: Reading; shape: Shape };
  try {
    reference = understand(gold, options, fuel * readingShare, false);
  } catch (thrown) {
    if (!isLimit(thrown)) throw thrown;
    return unknown(`the reference cannot be read: ${whyThrown(thrown)}`);
  }
  const { reading } = reference;
  if (isEmpty(reading)) return unknown('the reference is empty');
  const hint = hasUnitAnywhere(reading.node);
  let candidate: { reading: Reading; shape: Shape };
  try {
    candidate = understand(pred, options, fuel * readingShare, hint);
    if (!hint && hasUnitAnywhere(candidate.reading.node)) {
      // The candidate shows a unit, so the reference's letters may be one.
      const again = understand(gold, options, fuel * readingShare, true);
      if (hasUnitAnywhere(again.reading.node)) reference = again;
    }
  } catch (thrown) {
    if (!isLimit(thrown)) throw thrown;
    return wrong(`the answer cannot be read: ${whyThrown(thrown)}`);
  }
  if (isEmpty(candidate.reading)) return wrong('the answer is empty');
  const context: Context = { fuel: new Fuel(fuel * comparingShare), options, forms: new Map() };
  let finding: Finding;
  try {
    finding = compareReadings(reference, candidate, context);
  } catch (thrown) {
    if (!isLimit(thrown)) throw thrown;
    if (!decidable(reference.shape, options, fuel))
      return unknown(`the reference is undecidable: ${whyThrown(thrown)}`);
    return wrong(`undecided: ${whyThrown(thrown)}`);
  }
  const both = () => `read ${showReading(candidate)}, expected ${showReading(reference)}`;
  if (finding.equal)
    return { equal: true, proved: finding.proved, reason: both(), answer: canonicalOf(candidate, context) };
  const blame = faultOfReference(reference, finding, options, fuel);
  if (blame) return unknown(blame);
  return {
    equal: false,
    proved: finding.proved,
    reason: finding.why ? `${both()}: ${finding.why}` : both(),
    answer: canonicalOf(candidate, context),
  };
}

function wrong(reason: string): Judgement {
  return { equal: false, proved: true, reason };
}

function unknown(reason: string): Judgement {
  return { equal: undefined, proved: true, reason };
}

function whyThrown(thrown: unknown): string {
  if (thrown instanceof OutOfFuel) return thrown.message;
  return thrown instanceof RangeError
    ? 'it is over a limit of the engine'
    : 'it is over a limit of the reader';
}

/** The fuel is spent, or a limit of the engine is reached (an integer too long, a stack too deep): the text's doing. */
function isLimit(thrown: unknown): boolean {
  return thrown instanceof OutOfFuel || thrown instanceof RangeError;
}

const plainInteger = /^[+-]?\d{1,15}$/;

/** Verdicts that need no reading: the same string, two short integers, two very long strings of digits. */
function quickly(gold: string, pred: string): Judgement | undefined {
  if (plainInteger.test(pred) && plainInteger.test(gold)) {
    const a = Number(pred);
    const b = Number(gold);
    return { equal: a === b, proved: true, reason: `read ${a}, expected ${b}`, answer: String(a) };
  }
  if (gold.length > 2000 && pred.length > 2000 && isDigits(gold) && isDigits(pred)) {
    const equal = gold.replace(/^0+/, '') === pred.replace(/^0+/, '');
    return { equal, proved: true, reason: `two integers of ${pred.length} and ${gold.length} digits` };
  }
  if (gold.length > 2000 && gold === pred) return { equal: true, proved: true, reason: 'the same text' };
  return undefined;
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

function understand(
  text: string,
  options: MathOptions,
  fuel: number,
  unitHint: boolean,
): { reading: Reading; shape: Shape } {
  const spend = new Fuel(fuel);
  const reading = read(text, spend, unitHint);
  const shape = shapeOf(reading.node, { fuel: spend, chains: options.chains });
  return { reading, shape };
}

function isEmpty(reading: Reading): boolean {
  return reading.node.kind === 'text' && reading.tokens.length === 0 && reading.node.words.join('') === '';
}

function hasUnitAnywhere(node: Node): boolean {
  return hasUnit(node) || some(node, (one) => one.kind === 'unit');
}

interface Side {
  readonly reading: Reading;
  readonly shape: Shape;
}

/** Choices and texts first, then by shape. */
function compareReadings(gold: Side, pred: Side, context: Context): Finding {
  const { options } = context;
  const choice = choiceOf(gold.reading.tokens);
  if (choice && (choice.alone || gold.reading.node.kind === 'text' || choice.rest.length > 0)) {
    const picked = choiceOf(pred.reading.tokens);
    if (picked && (choice.alone ? /^[A-J]$/.test(goldLetter(gold)) || goldLetter(gold) === '' : true))
      return picked.letter === choice.letter
        ? { equal: true, proved: true }
        : { equal: false, proved: true, why: 'another choice' };
    if (!choice.alone && sameWords(wordsOf(choice.rest), wordsOf(pred.reading.tokens)))
      return { equal: true, proved: true };
  }
  // The base may be left out, also behind digits that are letters.
  if (
    gold.reading.node.kind === 'base' &&
    pred.reading.tokens.every((token) => token.type === 'num' || token.type === 'let')
  ) {
    const digits = pred.reading.tokens
      .map((token) => token.v)
      .join('')
      .toUpperCase();
    if (digits === gold.reading.node.digits) return { equal: true, proved: true };
  }
  if (gold.reading.node.kind === 'text' || pred.reading.node.kind === 'text')
    return compareTexts(gold, pred, options);
  if (
    gold.reading.noun &&
    pred.reading.noun &&
    !hasUnit(gold.reading.node) &&
    !hasUnit(pred.reading.node) &&
    gold.reading.noun !== pred.reading.noun &&
    options.units !== 'ignored'
  )
    return { equal: false, proved: true, why: `${pred.reading.noun} are not ${gold.reading.noun}` };
  if (options.units !== 'ignored' && countAgainstMeasure(gold, pred))
    return { equal: false, proved: true, why: 'one counts things, the other measures' };
  const stated =
    gold.reading.approximate && gold.shape.kind === 'value'
      ? { ...gold.shape, approximate: true }
      : gold.shape;
  return compareShapes(stated, pred.shape, context);
}

/** "12 apples" against "12 cm". */
function countAgainstMeasure(gold: Side, pred: Side): boolean {
  const measures = (side: Side) => {
    const unit = hasUnit(side.reading.node) ? measure(side.reading.node)?.unit : undefined;
    return unit !== undefined && !saysNothing(unit);
  };
  const counts = (side: Side) => side.reading.noun !== undefined && !measures(side);
  return (counts(gold) && measures(pred)) || (counts(pred) && measures(gold));
}

/** The letter of a reference that is a choice as written; a lower-case one could be a variable. */
function goldLetter(gold: Side): string {
  return (
    gold.reading.tokens.find(
      (token) => token.type === 'let' || (token.type === 'word' && token.v.length === 1),
    )?.v ?? ''
  );
}

function compareTexts(gold: Side, pred: Side, options: MathOptions): Finding {
  const a = gold.reading.node.kind === 'text' ? gold.reading.node.words : wordsOf(gold.reading.tokens);
  const b = pred.reading.node.kind === 'text' ? pred.reading.node.words : wordsOf(pred.reading.tokens);
  if (pred.reading.why === question) return { equal: false, proved: true, why: question };
  if (gold.reading.node.kind === 'text' && pred.reading.node.kind === 'text') {
    const equal = options.text === 'exact' ? a.join(' ') === b.join(' ') && a.length > 0 : sameTexts(a, b);
    if (equal) return { equal, proved: true };
  }
  const why =
    pred.reading.node.kind === 'text' && gold.reading.node.kind !== 'text'
      ? (pred.reading.why ?? 'it is text')
      : gold.reading.node.kind === 'text' && pred.reading.node.kind !== 'text'
        ? 'the reference is text'
        : undefined;
  return { equal: false, proved: true, why };
}

/** The same words, or the same up to a reason that one of them gives ("yes, because …"). */
function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  if (sameWords(a, b)) return true;
  const cut = (words: readonly string[]) => {
    const at = words.findIndex((word) => word === 'because' || word === 'since' || word === 'which');
    return at > 0 ? words.slice(0, at) : words;
  };
  return sameWords(cut(a), cut(b));
}

/** Whether it is the reference that made a comparison fail without a proof. */
function faultOfReference(
  gold: Side,
  finding: Finding,
  options: MathOptions,
  fuel: number,
): string | undefined {
  const { reading, shape } = gold;
  if (shape.kind === 'nothing') return `the reference has no value: ${shape.why}`;
  if (reading.node.kind === 'text') {
    if (options.text === 'refuse') return 'the reference is text';
    if (!reading.tokens.some((token) => token.type === 'word'))
      return `the reference cannot be read: ${reading.why ?? ''}`;
    return undefined;
  }
  if (finding.proved || shape.kind !== 'value') return undefined;
  return decidable(shape, options, fuel) ? undefined : 'the reference has no value that can be computed';
}

/** Whether a value can be computed at all: at some point, within the fuel. */
function decidable(shape: Shape, _options: MathOptions, fuel: number): boolean {
  if (shape.kind !== 'value') return true;
  const spend = new Fuel(fuel * readingShare);
  try {
    const names = [...symbols(shape.node)].sort();
    const whole = integerNames(shape.node, new Set());
    for (let i = 0; i < 12; i++) {
      const point = pointAt(names, whole, i, false);
      const value = evaluate(shape.node, {
        p: 96,
        fuel: spend,
        point,
        degrees: 'factor',
        log: 10,
        exactBits: 8192,
      });
      if (value !== undefined) return true;
      if (names.length === 0)
        return some(shape.node, (one) => one.kind === 'const' && one.name === 'inf') || hasUnit(shape.node);
    }
  } catch (thrown) {
    if (isLimit(thrown)) return false;
    throw thrown;
  }
  return false;
}

function showReading(side: Side): string {
  const text = showNode(side.reading.node, 70);
  return side.reading.approximate ? `about ${text}` : text;
}

function canonicalOf(side: Side, context: Context): string | undefined {
  try {
    return canonicalShape(side.shape, { ...context, fuel: new Fuel(20_000) });
  } catch (thrown) {
    if (isLimit(thrown)) return undefined;
    throw thrown;
  }
}
