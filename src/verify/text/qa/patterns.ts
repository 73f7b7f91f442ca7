import { type Word, wordsOf } from './words.ts';

/** What must be found in an answer for it to say a gold: every phrase, in any order. */
export interface Pattern {
  readonly phrases: readonly (readonly Word[])[];
  /** The gold that it comes from. */
  readonly gold: string;
  /** What was left out of the gold or cut up in it, for the reason line. */
  readonly how: string;
}

/** A gold list as patterns: the golds as they are, then without what an answer may leave out. Most literal first. */
export function patternsOf(
  golds: readonly string[],
  question: string,
  asked: ReadonlySet<string>,
  lenient: boolean,
): Pattern[] {
  const patterns: Pattern[] = [];
  const seen = new Set<string>();
  const add = (parts: readonly string[], gold: string, how: string) => {
    const phrases = parts.map((part) => wordsOf(part)).filter((words) => words.length > 0);
    if (phrases.length === 0) return;
    const id = phrases.map((words) => words.map(({ key }) => key).join(' ')).join('|');
    if (seen.has(id)) return;
    seen.add(id);
    // What was cut out of a gold and stands in the question anyway is no answer to it.
    if (how !== '' && phrases.every((words) => words.every(({ key }) => asked.has(key)))) return;
    patterns.push({ phrases, gold, how });
  };
  for (const gold of golds) add([gold], gold, '');
  for (const gold of golds)
    for (const { parts, how } of relaxations(gold, golds, question, lenient)) add(parts, gold, how);
  return patterns;
}

interface Relaxation {
  readonly parts: readonly string[];
  readonly how: string;
}

const preposition =
  /^(?:in|on|at|to|by|from|for|with|of|as|because|it|he|she|they|was|is|were|are|the|a|an|they're|it's|about|approximately|approx|around|circa|c\.)\s+/i;
const gloss =
  /^(?:who|which|that|when|where|the|a|an|in|at|as|by|his|her|its|their|from|of|for|on|near|also|now|then|later|formerly|aka|both|all|it|he|she|they)\b/i;

function* relaxations(
  gold: string,
  golds: readonly string[],
  question: string,
  lenient: boolean,
): Generator<Relaxation> {
  const text = gold.trim();
  const bare = withoutBrackets(text);
  if (lenient && bare !== text) {
    yield { parts: [bare], how: 'without the brackets' };
    yield { parts: [text.replace(/[()[\]]/g, ' ')], how: 'brackets opened' };
  }
  const base = lenient ? bare : text;
  const core = withoutLeading(base);
  if (core !== base) yield { parts: [core], how: 'without the leading words' };
  const alternatives = core.split(/\s+or\s+|\s*\/\s*/i);
  if (alternatives.length > 1 && alternatives.length <= 5)
    for (const one of alternatives) yield { parts: [withoutLeading(one)], how: 'one alternative' };
  const items = core
    .split(/\s*[,;]\s*(?:and\s+|&\s+)?|\s+and\s+|\s*&\s*|\s+with\s+/i)
    .map(withoutLeading)
    .filter((item) => item !== '');
  const joined = /\sand\s|\s?&\s?/i.test(core);
  const commas = (core.match(/[,;]/g) ?? []).length;
  if (items.length > 1 && items.length <= 12 && (joined || commas >= 2))
    yield { parts: items, how: 'its items in any order' };
  if (commas >= 1) {
    const [head, ...rest] = core.split(/\s*,\s*/);
    const tail = rest.join(', ');
    const person = /\bwho(?:m|se)?\b/i.test(question);
    if (rest.length === 1 && isName(head!, 1) && isName(tail, 3))
      yield { parts: [`${tail} ${head}`], how: 'surname put last' };
    const inverted = golds.some((other) => other.trim().toLowerCase() === `${tail} ${head}`.toLowerCase());
    if (gloss.test(tail) || (!person && !inverted && !joined && commas === 1 && isName(head!, 6)))
      yield { parts: [head!], how: 'without what follows the comma' };
  }
  const by = /^(.{3,}?)\s+by\s+(.+)$/i.exec(core);
  if (by && /^\W?[\p{Lu}\d]/u.test(by[1]!) && /^\p{Lu}/u.test(by[2]!))
    yield { parts: [by[1]!], how: 'without the author' };
}

/** A text without what stands in brackets, one level of them. */
function withoutBrackets(text: string): string {
  return (
    text
      .replace(/\([^()]{0,200}\)|\[[^[\]]{0,200}\]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim() || text
  );
}

function withoutLeading(text: string): string {
  let rest = text.replace(/^[\s.…"'“”‘’]+/, '').trim();
  for (let i = 0; i < 3; i++) {
    const next = rest.replace(preposition, '');
    if (next === rest || next === '') break;
    rest = next;
  }
  return rest;
}

/** One to `most` words that each start with a capital. */
function isName(text: string, most: number): boolean {
  const words = text.trim().split(/\s+/);
  return words.length <= most && words.every((word) => /^\p{Lu}/u.test(word));
}
