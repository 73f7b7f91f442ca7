type Kind = 'space' | 'letter' | 'number' | 'other';

/** Kinds of the first 128 code points, which nearly all text is made of. */
const ascii = Array.from({ length: 128 }, (_, code) => kindByProperty(String.fromCharCode(code)));

function kindByProperty(character: string): Kind {
  if (/^\p{White_Space}$/u.test(character)) return 'space';
  if (/^\p{L}$/u.test(character)) return 'letter';
  return /^\p{N}$/u.test(character) ? 'number' : 'other';
}

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  return code < 128 ? ascii[code]! : kindByProperty(String.fromCodePoint(text.codePointAt(at)!));
}

/** The end of the run of one kind that starts at `from`. */
function runEnd(text: string, from: number, kind: Kind): number {
  let at = from;
  while (at < text.length && kindAt(text, at) === kind) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

/**
 * The words that byte-pair merges never cross, as GPT-2 splits text (openai/gpt-2, src/encoder.py): English contractions; runs
 * of letters, of digits or of other signs, each with one space before it; white space. Written as a scanner, so that it is
 * linear on any text. Classes are those of the running Unicode version: a letter newer than it splits as a sign.
 */
export function* words(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const end = wordEnd(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

function wordEnd(text: string, at: number): number {
  const kind = kindAt(text, at);
  if (kind !== 'space') return contractionEnd(text, at) ?? runEnd(text, at, kind);
  const end = runEnd(text, at, 'space');
  if (end === text.length) return end;
  if (end - at > 1) return end - 1; // the last white space is left to the next word; every one is a single code unit
  return text[at] === ' ' ? runEnd(text, end, kindAt(text, end)) : end;
}

function contractionEnd(text: string, at: number): number | undefined {
  if (text[at] !== "'") return undefined;
  const one = text[at + 1];
  if (one === 's' || one === 't' || one === 'm' || one === 'd') return at + 2;
  const two = text.slice(at + 1, at + 3);
  return two === 're' || two === 've' || two === 'll' ? at + 3 : undefined;
}
