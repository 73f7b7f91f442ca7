import type { Random } from '../../src/core/random.ts';

/** Words, sentences and small damages: what the made-up responses of the parity cases are put together from. */
export const vocabulary =
  'ability about above account across action again agree ahead allow almost alone along always amount animal answer appear apple arrive autumn balance basket beauty become before begin believe below bridge bright bring brother build butter camera candle capital carry castle center change choose circle city clever climb cloud coffee color common corner cotton country cover create cross culture dance danger daughter decide deep degree different dinner direct discover distance doctor dream drive early earth easy eight energy engine enough evening exact example explain family famous farmer father field figure final finger finish flower follow forest forget formal friend front future garden gentle glass golden grand green ground happy harbor heavy history holiday honest hotel house hundred idea image include inside island jacket journey judge jungle kitchen knife ladder language large laugh learn leave letter level library light listen little lonely machine manage market matter meadow memory middle minute mirror modern moment money morning mother mountain music nature never night noble noise north notice number ocean office often open orange orbit other outside paper parent people perhaps person picture planet plenty pocket poem point polite power pretty problem promise public purple quarter question quick quiet rabbit rather reach reason record red remember river road round safety school science season second secret seven shadow shape silver simple sister small smooth spring square stable station stone story strange street strong student sudden summer supper surface table teacher temple thousand thunder ticket today together tomorrow travel treasure trouble twelve under until useful valley value village violet voice wander water weather window winter wisdom wonder yellow yesterday young zebra'.split(
    ' ',
  );

export const smallWords =
  'the a of to in is it that was for on with as at by from and but or so yet nor he she they we you i this which who all some any'.split(
    ' ',
  );

const specials = [
  'Dr. Lee',
  'Mr. Stone',
  'the U.S. army',
  'e.g. apples',
  'i.e. now',
  '3.5 miles',
  'at 5 p.m.',
  'No. 7',
  'St. Mary',
  'J. R. Hill',
  'www.example.com',
  'A.',
  'etc.',
  '"yes"',
  "'no'",
  "can't",
  'cannot',
  "we'll",
  'well-known',
  '1,000',
  '50%',
  '(maybe)',
  '[place]',
  '*bold*',
  '**strong**',
  'NASA',
  'café',
  'naïve',
  '東京',
  '😀',
  'x;y',
  'a/b',
  '--',
  '…',
  '...',
] as const;

export const emoji = ['😀', '🎉', '🌍', '❤️', '👍🏽', '☀️', '✨', '🚀'];
export const japanese = ['東京', 'ねこ', 'ありがとう', '水', 'カメラ', '今日は', '山', '食べる'];

export function word(random: Random): string {
  return random.integer(10) < 6 ? random.pick(vocabulary) : random.pick(smallWords);
}

export const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

export function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

/** A sentence with now and then an abbreviation, number, quote or foreign word. */
export function sentence(random: Random, length = 4 + random.integer(9), end?: string): string {
  const words = times(length, () => (random.integer(14) === 0 ? random.pick(specials) : word(random)));
  if (length > 5 && random.integer(3) === 0) words[3] += ',';
  const close = end ?? random.pick(['.', '.', '.', '.', '!', '?', '?!', '."', '.)']);
  return capitalized(words.join(' ')) + close;
}

export function plainSentence(random: Random, length: number, end = '.'): string {
  return capitalized(times(length, () => word(random)).join(' ')) + end;
}

export function prose(random: Random, sentences = 1 + random.integer(6)): string {
  return times(sentences, () => sentence(random)).join(random.pick([' ', ' ', '\n', '  ', '\n\n']));
}

const insertions = [
  ',',
  '.',
  '!',
  '?',
  ';',
  ':',
  '"',
  "'",
  '*',
  '-',
  '\n',
  '\n\n',
  ' ',
  '\t',
  '\u00a0',
  '(',
  ')',
  '[',
  ']',
  '<',
  '>',
  '1',
  'a',
  'Q',
  'é',
  '😀',
  '。',
  '“',
  '”',
  '\u2003',
  'ß',
  '٣',
];

/** One small damage: a letter, word or line changed, lost, doubled or put in. */
export function damaged(random: Random, text: string): string {
  const letters = [...text];
  const at = random.integer(Math.max(1, letters.length));
  const words = text.split(' ');
  const lines = text.split('\n');
  switch (random.integer(11)) {
    case 0:
      letters.splice(at, 1);
      return letters.join('');
    case 1:
    case 2:
      letters.splice(at, 0, random.pick(insertions));
      return letters.join('');
    case 3:
      letters[at] = swapCase(letters[at] ?? '');
      return letters.join('');
    case 4: {
      const i = random.integer(words.length);
      words.splice(i, 1);
      return words.join(' ');
    }
    case 5:
      words.splice(random.integer(words.length + 1), 0, word(random));
      return words.join(' ');
    case 6: {
      const i = random.integer(words.length);
      const j = random.integer(words.length);
      [words[i], words[j]] = [words[j]!, words[i]!];
      return words.join(' ');
    }
    case 7:
      lines.splice(random.integer(lines.length), 1);
      return lines.join('\n');
    case 8:
      lines.splice(random.integer(lines.length + 1), 0, random.pick(['', ' ', sentence(random), '* x']));
      return lines.join('\n');
    case 9:
      return random.pick([`${text}\n`, ` ${text}`, `"${text}"`, `${text} ${sentence(random)}`, `${text}.`]);
    default:
      return random.pick([
        text.toUpperCase(),
        text.toLowerCase(),
        text.replaceAll(' ', '\n'),
        text.slice(0, at),
      ]);
  }
}

function swapCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}
