import type { Token } from './lex.ts';

/** A choice: its letter, and whether only the letter stands there. */
export interface Choice {
  readonly letter: string;
  readonly alone: boolean;
  /** Tokens of the option's text behind the letter. */
  readonly rest: readonly Token[];
}

const introductions = new Set([
  'option',
  'choice',
  'answer',
  'letter',
  'the',
  'is',
  'correct',
  'case',
  'statement',
]);

const retracting = /^(?:not|wrong|incorrect|false|maybe|perhaps|cannot|unless|isn|except)$/i;

/** "A", "(A)", "A.", "Option A", "(A) 12", "A: the first": the letter of a choice, or undefined. Letters A to J. */
export function choiceOf(tokens: readonly Token[]): Choice | undefined {
  let i = 0;
  while (i < tokens.length && tokens[i]!.type === 'word' && introductions.has(tokens[i]!.v.toLowerCase()))
    i++;
  const introduced = i > 0;
  const isOp = (at: number, v: string) => tokens[at]?.type === 'op' && tokens[at]!.v === v;
  const bracketed = isOp(i, '(') || isOp(i, '[');
  if (bracketed) i++;
  const token = tokens[i];
  if (!token || (token.type !== 'let' && token.type !== 'word') || !/^[A-Ja-j]$/.test(token.v))
    return undefined;
  i++;
  let closed = false;
  if (isOp(i, ')') || (bracketed && isOp(i, ']'))) {
    closed = true;
    i++;
  } else if (bracketed) return undefined;
  else if (isOp(i, '.') || isOp(i, ':')) {
    closed = true;
    i++;
  }
  const rest = tokens.slice(i);
  // A lone small letter is a variable, (a) and "option a" are choices.
  if (rest.length === 0 && !bracketed && !introduced && !closed && /[a-j]/.test(token.v)) return undefined;
  if (rest.length === 0) return { letter: token.v.toUpperCase(), alone: true, rest };
  if (!closed && !introduced) return undefined;
  // Another letter behind a connective is another choice; an equals sign makes the letter a name.
  // A question or a retraction picks nothing.
  if (
    rest.some(
      (one) => (one.type === 'op' && one.v === '?') || (one.type === 'word' && retracting.test(one.v)),
    )
  )
    return undefined;
  const next = rest[0]!;
  if (next.type === 'word' && /^(?:and|or|nor|but|not)$/i.test(next.v)) return undefined;
  if (next.type === 'op' && /^[,;=+\-*/^<>)_]$/.test(next.v)) return undefined;
  if (
    rest.some((one) => one.type === 'word' && /^(?:and|or)$/i.test(one.v)) &&
    rest.some((one) => one.type === 'let' && /^[A-J]$/.test(one.v))
  )
    return undefined;
  return { letter: token.v.toUpperCase(), alone: false, rest };
}
