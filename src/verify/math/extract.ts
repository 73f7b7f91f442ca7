/** Where an answer was found in a completion, and by which rule. */
export interface Extracted {
  readonly text: string;
  /** UTF-16 code units into the completion, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly how: 'box' | 'statement' | 'mark' | 'whole';
}

export type Extraction = Extracted | { readonly none: string };

const endMarks = [
  '<|im_end|>',
  '<|endoftext|>',
  '</s>',
  '<|eot_id|>',
  '<｜end▁of▁sentence｜>',
  '<end_of_turn>',
];

/**
 * Finds the answer in a completion: the last box (boxes side by side make a list), else the last explicit statement
 * ("final answer:", "the answer is", ####, <answer>), else the last bold or code mark, else the whole text. Text up to
 * </think> and behind an end mark does not count. Linear in the length of the text.
 *
 * @param mode lax: as above; strict: a box or nothing; none: the whole text
 */
export function extractAnswer(completion: string, mode: 'lax' | 'strict' | 'none'): Extraction {
  if (mode === 'none') return span(completion, 0, completion.length, 'whole');
  let from = 0;
  let to = completion.length;
  if (completion.includes('<')) {
    for (const mark of endMarks) {
      const at = completion.indexOf(mark);
      if (at >= 0 && at < to) to = at;
    }
    const thought = completion.lastIndexOf('</think>', to - 1);
    if (thought >= 0) from = thought + '</think>'.length;
    const open = completion.indexOf('<think>', from);
    if (open >= 0 && open < to) return { none: 'the thought is not finished' };
  }
  const box = lastBoxes(completion, from, to);
  if (box) return box;
  if (mode === 'strict') return { none: 'there is no box' };
  return (
    statement(completion, from, to) ?? marked(completion, from, to) ?? span(completion, from, to, 'whole')
  );
}

function span(text: string, from: number, to: number, how: Extracted['how']): Extracted {
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return { text: text.slice(from, to), start: from, end: to, how };
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 160;
}

interface Box {
  /** Where the command starts. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
  /** Behind the closing brace. */
  readonly after: number;
}

/** The last box, with those that only commas, "and" or "or" separate from it. A last box that is not closed is no answer. */
function lastBoxes(text: string, from: number, to: number): Extraction | undefined {
  const boxes: Box[] = [];
  for (let at = nextBox(text, from, to); at >= 0; ) {
    let open = at + (text.startsWith('\\boxed', at) ? 6 : 5);
    while (open < to && isSpace(text.charCodeAt(open))) open++;
    if (text[open] !== '{') {
      // \boxed 5: up to the next space, $ or line end.
      let end = open;
      while (end < to && !isSpace(text.charCodeAt(end)) && text[end] !== '$' && text[end] !== '\\') end++;
      if (end > open) boxes.push({ at, start: open, end, after: end });
      at = nextBox(text, Math.max(end, at + 5), to);
      continue;
    }
    const close = matching(text, open, to);
    if (close < 0) return { none: 'the last box is not closed' };
    boxes.push({ at, start: open + 1, end: close, after: close + 1 });
    at = nextBox(text, close + 1, to);
  }
  const last = boxes[boxes.length - 1];
  if (!last) return undefined;
  let first = boxes.length - 1;
  while (first > 0 && isJoint(text.slice(boxes[first - 1]!.after, boxes[first]!.at))) first--;
  if (first === boxes.length - 1) return span(text, last.start, last.end, 'box');
  const parts = boxes.slice(first).map((box) => text.slice(box.start, box.end));
  return { text: parts.join(', '), start: boxes[first]!.start, end: last.end, how: 'box' };
}

function nextBox(text: string, from: number, to: number): number {
  const boxed = text.indexOf('\\boxed', from);
  const framed = text.indexOf('\\fbox', from);
  const at = boxed < 0 ? framed : framed < 0 ? boxed : Math.min(boxed, framed);
  return at < to ? at : -1;
}

/** The closing brace of the group at `open`; escaped braces do not count. */
function matching(text: string, open: number, to: number): number {
  let depth = 0;
  for (let i = open; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 123) depth++;
    else if (code === 125 && --depth === 0) return i;
  }
  return -1;
}

/** Whether only a comma, "and" or "or" (and mathematics marks) stands between two boxes. */
function isJoint(between: string): boolean {
  if (between.length > 60) return false;
  const bare = between.replace(/\\text\s*\{([^{}]*)\}|\\quad|\\[,;:!() []|[$\s]/g, ' $1 ').trim();
  return /^(?:,|;|and|or|,\s*and|,\s*or|&)$/i.test(bare);
}

/** The last explicit statement of an answer. */
function statement(text: string, from: number, to: number): Extraction | undefined {
  let best: Extraction | undefined;
  let position = -1;
  const consider = (at: number, found: () => Extraction | undefined) => {
    if (at <= position) return;
    const extraction = found();
    if (extraction) {
      best = extraction;
      position = at;
    }
  };
  const hashes = text.lastIndexOf('####', to - 1);
  if (hashes >= from)
    consider(hashes, () => span(text, hashes + 4, lineEnd(text, hashes + 4, to), 'statement'));
  const tag = text.lastIndexOf('<answer>', to - 1);
  if (tag >= from)
    consider(tag, () => {
      const close = text.indexOf('</answer>', tag);
      return span(text, tag + 8, close < 0 || close > to ? to : close, 'statement');
    });
  for (const at of answerWords(text, from, to)) {
    if (at <= position) break;
    const found = stated(text, at, from, to);
    if (!found) continue;
    best = found;
    position = at;
    break;
  }
  return best;
}

/** Places of the word "answer" (and its Chinese equal), from the last to the first; at most 20. */
function* answerWords(text: string, from: number, to: number): Generator<number> {
  const pattern = /answer|答案/gi;
  pattern.lastIndex = from;
  const places: number[] = [];
  for (let match = pattern.exec(text); match && match.index < to; match = pattern.exec(text))
    places.push(match.index);
  for (const at of places.reverse().slice(0, 20)) yield at;
}

const lead =
  /^(?:s)?(?:\s+(?:to|of|for)\s[^.:\n]{0,80}?)?\s*(?:\*\*|__)?\s*(?:is|are|was|be|=|:|：|是|would be|must be|equals)?\s*(?:\*\*|__)?\s*(?::|=)?\s*/i;
const connected = /(?:is|are|was|be|=|:|：|是|equals)\s*(?:\*\*|__)?\s*(?::|=)?\s*$/i;

/** What is stated behind (or before) the word "answer" at `at`. */
function stated(text: string, at: number, from: number, to: number): Extraction | undefined {
  const word = text.startsWith('答', at) ? 2 : 6;
  const window = text.slice(at + word, Math.min(to, at + word + 200));
  const match = lead.exec(window)!;
  let start = at + word + match[0].length;
  // In "is **17**" the marks open; in "**Final answer:** 17" they close.
  const boldTail = /(?:\*\*|__)\s*$/.exec(match[0]);
  if (boldTail && !insideBold(text, at, from)) start -= boldTail[0].length;
  const isConnected = connected.test(match[0]) || /\n/.test(match[0]) || /\*\*/.test(match[0]);
  // "17 is the answer."
  const rest = text.slice(at + word, lineEnd(text, at + word, to));
  if (/^[\s.!*_$\\)\]]*$/.test(rest) && precededByIs(text, at, from)) {
    const before = /^(.*?)\s+is\s+(?:the|our|my)\s+(?:final\s+|correct\s+)*$/is.exec(
      text.slice(sentenceStart(text, at, from), at),
    );
    if (before) {
      const begin = sentenceStart(text, at, from);
      return span(text, begin, begin + before[1]!.length, 'statement');
    }
  }
  if (!isConnected && !/^\s*[$\d\\(-]/.test(window)) return undefined;
  while (start < to && isSpace(text.charCodeAt(start))) start++;
  if (start >= to) return undefined;
  // A heading may be followed by a sentence that says it again: "Final Answer: The final answer is 5." is found there.
  const end = statementEnd(text, start, to);
  return unwrapped(text, start, end);
}

/** Whether the word at `at` stands inside a bold run of its line. */
function insideBold(text: string, at: number, from: number): boolean {
  const line = Math.max(from, text.lastIndexOf('\n', at) + 1);
  let count = 0;
  for (let i = text.indexOf('**', line); i >= 0 && i < at; i = text.indexOf('**', i + 2)) count++;
  return count % 2 === 1;
}

function precededByIs(text: string, at: number, from: number): boolean {
  return /\sis\s+(?:the|our|my)\s+(?:final\s+|correct\s+)*$/i.test(text.slice(Math.max(from, at - 40), at));
}

function sentenceStart(text: string, at: number, from: number): number {
  for (let i = at - 1; i > from; i--) {
    if (text[i] === '\n') return i + 1;
    if ((text[i] === '.' || text[i] === '!' || text[i] === ':') && isSpace(text.charCodeAt(i + 1)))
      return i + 1;
  }
  return from;
}

function lineEnd(text: string, from: number, to: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 || at > to ? to : at;
}

/**
 * The end of a statement: the line's end, or a full stop that ends a sentence (a capital letter or a bracket follows).
 * Displayed mathematics may run over lines.
 */
function statementEnd(text: string, from: number, to: number): number {
  for (const [open, close] of [
    ['$$', '$$'],
    ['\\[', '\\]'],
    ['\\begin', '\\end'],
  ] as const)
    if (text.startsWith(open, from)) {
      const at = text.indexOf(close, from + 2);
      if (at >= 0 && at < to) {
        const line = lineEnd(text, at, to);
        return sentenceEnd(text, at, line);
      }
    }
  return sentenceEnd(text, from, lineEnd(text, from, to));
}

function sentenceEnd(text: string, from: number, line: number): number {
  for (let i = from; i < line; i++) {
    const character = text[i]!;
    if (character !== '.' && character !== '!') continue;
    if (character === '!' && !isSpace(text.charCodeAt(i + 1))) continue;
    const next = /^[.!]["'*`)$]*\s+(\S)/.exec(text.slice(i, i + 12));
    // p.m., i.e., e.g. and initials do not end a sentence.
    if (
      next &&
      /[A-Z(["'*]/.test(next[1]!) &&
      !/(?:^|[\s.])[A-Za-z]$/.test(text.slice(Math.max(from, i - 2), i))
    )
      return i;
    if (
      next &&
      /[A-Z]/.test(next[1]!) &&
      character === '.' &&
      /[$\d)}]$/.test(text.slice(Math.max(from, i - 1), i))
    )
      return i;
  }
  return line;
}

/** Words that make a sentence something else than a conclusion. */
const doubts =
  /n't|\?|\b(?:not|no|cannot|if|unless|whether|suppose|assume|assuming|let|maybe|perhaps|might|may|could|would|should|guess|unsure|sorry|think|either|or|between|example|try|first|wrong|incorrect)\b/i;

/**
 * What the last sentence of a text without a stated answer concludes: "The total is 12." says 12. Undefined for one
 * sentence that is no such statement, and for questions, doubts and conditions.
 */
export function conclusion(text: string, from: number, to: number): Extracted | undefined {
  if (to - from < 6 || !/\s/.test(text.slice(from, Math.min(to, from + 2000)))) return undefined;
  let start = Math.max(from, text.lastIndexOf('\n', to - 1) + 1);
  for (let i = to - 2; i > start; i--)
    if (
      text[i] === '.' &&
      isSpace(text.charCodeAt(i + 1)) &&
      !/\.[a-z]\.?$/i.test(text.slice(Math.max(start, i - 3), i + 1))
    ) {
      start = i + 1;
      break;
    }
  if (to - start > 400) return undefined;
  const sentence = text.slice(start, to);
  if (doubts.test(sentence)) return undefined;
  const verbs = [...sentence.matchAll(/\s(?:is|are|equals|be)\s+(?:equal\s+to\s+|exactly\s+)?/g)];
  const verb = verbs.length === 1 ? verbs[0] : undefined;
  if (verb) return span(text, start + verb.index + verb[0].length, to, 'statement');
  return start > from && verbs.length === 0 ? span(text, start, to, 'statement') : undefined;
}

const marks: readonly (readonly [string, string])[] = [
  ['**', '**'],
  ['__', '__'],
  ['`', '`'],
];

/** Without bold or code marks around the whole of it. */
function unwrapped(text: string, from: number, to: number): Extracted {
  let found = span(text, from, to, 'statement');
  // "**Final answer: 17**": the mark that closes the heading.
  if (/[^*]\*\*[.\s]*$/.test(found.text) && found.text.indexOf('**') === found.text.lastIndexOf('**'))
    found = span(text, found.start, found.start + found.text.indexOf('**'), 'statement');
  for (const [open, close] of marks) {
    if (!found.text.startsWith(open)) continue;
    const end = text.indexOf(close, found.start + open.length);
    if (end < 0 || end >= found.end) continue;
    // Only what follows the mark as remark or full stop is dropped.
    if (/^[\s.,;:!]*$/.test(text.slice(end + close.length, found.end)) || open !== '`')
      found = span(text, found.start + open.length, end, 'statement');
  }
  return found;
}

/** The last bold or code mark whose content is more than a heading. */
function marked(text: string, from: number, to: number): Extraction | undefined {
  let best: Extracted | undefined;
  for (const [open, close] of marks) {
    if (open === '__') continue;
    const end = text.lastIndexOf(close, to - 1);
    if (end < from) continue;
    const start = text.lastIndexOf(open, end - 1);
    if (start < from || start + open.length >= end || (open === '**' && end - start < 3)) continue;
    const inside = span(text, start + open.length, end, 'mark');
    if (inside.text.includes('\n') || /[:：]$/.test(inside.text) || inside.text === '') continue;
    if (open === '**' && !boldPair(text, from, start)) continue;
    if (!best || inside.start > best.start) best = inside;
  }
  return best;
}

/** Whether the ** at `at` opens a bold run: an even number of them stands before it. Plain x**2 has no pair. */
function boldPair(text: string, from: number, at: number): boolean {
  let count = 0;
  for (let i = text.indexOf('**', from); i >= 0 && i < at; i = text.indexOf('**', i + 2)) count++;
  if (count % 2 !== 0) return false;
  const before = text[at - 1];
  return before === undefined || /[\s(>\-—:]/.test(before);
}
