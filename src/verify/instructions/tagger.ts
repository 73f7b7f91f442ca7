import { Packed } from './data/packed.ts';
import data from './data/tagger.json' with { type: 'json' };
import { first, isDecimalPoint, isDigits } from './python.ts';

/** The weights of one kind of feature: a row of (label, thousandths) for each value of the feature. */
interface Weights {
  readonly rows: ReadonlyMap<string, number>;
  readonly starts: Int32Array;
  readonly labels: Uint8Array;
  readonly thousandths: Float64Array;
}

interface Tagger {
  readonly labels: readonly string[];
  /** Words whose tag is known, and is or is not a verb's. */
  readonly known: ReadonlyMap<string, boolean>;
  readonly always: Weights;
  readonly suffix: Weights;
  readonly prefix: Weights;
  readonly word: Weights;
  readonly startWord: Weights;
  readonly nextWord: Weights;
  readonly nextSuffix: Weights;
  readonly secondNextWord: Weights;
}

let loaded: Tagger | undefined;

function tagger(): Tagger {
  if (loaded) return loaded;
  const packed = new Packed(data.weights);
  const labels = packed.text().split('\n');
  const known = new Map(packed.words().map((word) => [word, true]));
  for (const word of packed.words()) known.set(word, false);
  const weights = (): Weights => {
    const values = packed.words();
    const { starts, indices } = packed.indexLists(values.length);
    const thousandths = packed.numbers().map((n) => (n % 2 === 0 ? n / 2 : -(n + 1) / 2));
    return { rows: new Map(values.map((value, i) => [value, i])), starts, labels: indices, thousandths };
  };
  const always = weights();
  const suffix = weights();
  const prefix = weights();
  const word = weights();
  const startWord = weights();
  const nextWord = weights();
  const nextSuffix = weights();
  const secondNextWord = weights();
  loaded = {
    labels,
    known,
    always,
    suffix,
    prefix,
    word,
    startWord,
    nextWord,
    nextSuffix,
    secondNextWord,
  };
  return loaded;
}

/**
 * Whether NLTK's averaged perceptron tagger gives the first of these tokens a verb's tag. Only features of the first
 * place are kept, so that no other token can be tagged.
 */
export function startsWithVerb(tokens: readonly string[]): boolean {
  if (tokens.length === 0) return false;
  const model = tagger();
  const known = model.known.get(tokens[0]!);
  if (known !== undefined) return known;
  const [word, next, secondNext] = [tokens[0]!, tokens[1], tokens[2]].map(normalized);
  const scores = new Float64Array(model.labels.length);
  const add = (weights: Weights, value: string) => {
    const row = weights.rows.get(value);
    if (row === undefined) return;
    for (let i = weights.starts[row]!; i < weights.starts[row + 1]!; i++)
      scores[weights.labels[i]!]! += weights.thousandths[i]! / 1000;
  };
  // The order of the reference, so that sums round alike.
  const nextWord = next ?? '-END-';
  add(model.always, 'bias');
  add(model.suffix, lastThree(tokens[0]!));
  add(model.prefix, first(tokens[0]!));
  add(model.always, 'i-1 tag -START-');
  add(model.always, 'i-2 tag -START2-');
  add(model.always, 'i tag+i-2 tag -START- -START2-');
  add(model.word, word!);
  add(model.startWord, word!);
  add(model.always, 'i-1 word -START2-');
  add(model.always, 'i-1 suffix T2-');
  add(model.always, 'i-2 word -START-');
  add(model.nextWord, nextWord);
  add(model.nextSuffix, lastThree(nextWord));
  add(model.secondNextWord, secondNext ?? (next === undefined ? '-END2-' : '-END-'));
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! >= scores[best]!) best = i; // the later label on a tie
  return model.labels[best]!.includes('VB');
}

function normalized(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  if (token.includes('-') && token[0] !== '-') return '!HYPHEN';
  const points = [...token.slice(0, 10)];
  if (points.length === 4 && isDigits(token)) return '!YEAR';
  if (isDecimalPoint(token.codePointAt(0)!) || isDigits(points[0]!)) return '!DIGITS';
  return token.toLowerCase();
}

function lastThree(text: string): string {
  return [...text.slice(-6)].slice(-3).join('');
}
