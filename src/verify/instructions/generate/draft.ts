import type { Random } from '../../../core/random.ts';

/**
 * A response in pieces, so that one requirement can be put in or broken without touching another. Words of the body that
 * are nouns of the list below are free: any other word may take their place.
 */
export interface Draft {
  request?: string;
  title?: string;
  /** Paragraphs, their sentences, the words of each. */
  body: string[][][];
  /** Between paragraphs. */
  divider: string;
  /** Stands before the number of each paragraph. */
  heading?: string;
  /** Numbers in words for headings of these paragraphs. */
  spelled: number[];
  bullets: string[];
  /** Lines between body and bullets, one each. */
  lines: string[];
  postscript?: string;
  ending?: string;
  quoted: 'no' | 'both' | 'open';
  letters: 'mixed' | 'lower' | 'upper';
  /** Sentences of the body that lost their period, as [paragraph, sentence]. */
  joined: [number, number][];
  /** Words after which a sentence is cut, as [paragraph, sentence, word]. */
  cut: [number, number, number][];
}

/** Free words. None has j, q, x or z, and none is a word that a requirement may ask for. */
export const nouns =
  'river garden village mountain harbor window letter market winter summer teacher farmer doctor captain baker painter bridge kitchen island forest meadow valley tower street school hospital museum theater engine basket blanket candle mirror pencil ticket wagon lantern hammer ladder bottle pillow curtain saddle feather pebble shadow signal thunder morning evening autumn'.split(
    ' ',
  );
const adjectives = 'quiet old bright gentle narrow golden heavy little modern distant patient careful'
  .split(' ')
  .filter((word) => !/[jqxz]/.test(word));
const verbs = 'follows watches carries covers reaches remembers welcomes paints repairs protects'.split(' ');
const places = 'near under behind beside above across'.split(' ');

/** What may be asked for: keywords and the like. */
export const keywords =
  'compass harvest journey orchard pioneer rainbow sailor trumpet umbrella voyage whistle blossom cottage dolphin emerald falcon glacier horizon'
    .split(' ')
    .filter((word) => !/[jqxz]/.test(word));
/** One rare letter each. */
export const rareLetters: { readonly [letter: string]: readonly string[] } = {
  j: ['jacket', 'jewel', 'jungle'],
  q: ['quarter', 'quilt', 'question'],
  x: ['box', 'fox', 'wax'],
  z: ['zebra', 'zone', 'lizard'],
};
export const names = ['Emma', 'Liam', 'Sophia', 'Noah', 'Mia', 'Ethan', 'Lily', 'Owen', 'Ella', 'Nora'];

export function newDraft(random: Random): Draft {
  const sentence = () => [
    'the',
    random.pick(adjectives),
    random.pick(nouns),
    random.pick(verbs),
    'the',
    random.pick(nouns),
    random.pick(places),
    'the',
    random.pick(nouns),
    'and',
    'the',
    random.pick(nouns),
  ];
  const paragraph = () => Array.from({ length: 2 + random.integer(3) }, sentence);
  return {
    body: Array.from({ length: 2 + random.integer(3) }, paragraph),
    divider: '\n\n',
    spelled: [],
    bullets: [],
    lines: [],
    quoted: 'no',
    letters: 'mixed',
    joined: [],
    cut: [],
  };
}

/** Places of free words that are neither first nor last in their sentence, in random order. */
export function freePlaces(draft: Draft, random: Random): [number, number, number][] {
  const places: [number, number, number][] = [];
  for (const [p, sentences] of draft.body.entries())
    for (const [s, words] of sentences.entries())
      for (let w = 1; w < words.length - 1; w++) if (nouns.includes(words[w]!)) places.push([p, s, w]);
  return random.shuffle(places);
}

/** Puts words at free places. */
export function put(draft: Draft, random: Random, words: readonly string[]): void {
  const places = freePlaces(draft, random);
  for (const [i, word] of words.entries()) {
    const place = places[i];
    if (place) draft.body[place[0]]![place[1]]![place[2]] = word;
  }
}

/** Gives the first `count` words that fit back as nouns, or changes them. */
export function change(
  draft: Draft,
  fits: (word: string) => boolean,
  to: (word: string) => string,
  count = 1,
): void {
  let left = count;
  for (const sentences of draft.body)
    for (const words of sentences)
      for (const [w, word] of words.entries())
        if (left > 0 && fits(word)) {
          words[w] = to(word);
          left--;
        }
}

export function render(draft: Draft): string {
  const paragraphs = draft.body.map((sentences, p) => {
    const said = sentences.map((words, s) => renderSentence(draft, words, p, s)).join(' ');
    if (draft.heading === undefined) return said;
    const number = draft.spelled.includes(p) ? ['one', 'two', 'three', 'four', 'five'][p]! : String(p + 1);
    return `${draft.heading} ${number}\n${said}`;
  });
  const blocks = [
    draft.request,
    draft.title,
    paragraphs.join(draft.divider),
    draft.lines.join('\n'),
    draft.bullets.join('\n'),
    draft.postscript,
    draft.ending,
  ].filter((block) => block !== undefined && block !== '');
  let text = blocks.join('\n');
  if (draft.letters === 'lower') text = text.toLowerCase();
  if (draft.letters === 'upper') text = text.toUpperCase();
  return draft.quoted === 'both' ? `"${text}"` : draft.quoted === 'open' ? `"${text}` : text;
}

function renderSentence(draft: Draft, words: readonly string[], p: number, s: number): string {
  const after = draft.joined.some((place) => place[0] === p && place[1] === s - 1);
  const shown = words.map((word, w) => {
    const first = w === 0 && !after;
    const cut = draft.cut.some((place) => place[0] === p && place[1] === s && place[2] === w);
    return (first ? word.slice(0, 1).toUpperCase() + word.slice(1) : word) + (cut ? '.' : '');
  });
  const open = draft.joined.some((place) => place[0] === p && place[1] === s);
  return shown.join(' ') + (open ? '' : '.');
}
