import { promptText, type Random, type Task } from '../../core/index.ts';
import { contentGuard, textNormalize } from '../../parse/index.ts';
import * as corpus from './corpus.ts';

/** What a probe needs to know of the task that it attacks. */
export interface Target {
  readonly task: Task;
  /** The reference answer in its plainest form. */
  readonly gold: string;
  /** Wrong answers of the same kind: golds of other tasks. At least three, none of them this task's. */
  readonly decoys: readonly string[];
}

export interface Probe {
  readonly name: string;
  readonly family: string;
  /** The texts hold the gold on purpose; those of other probes are dropped where they happen to hold it. */
  readonly holdsGold?: boolean;
  /** Texts that must not be accepted; none where the probe makes no sense for the task. */
  readonly make: (target: Target, random: Random) => readonly string[];
  /**
   * Does a real answer look like this probe? Only where that can be told from the text; for the false alarms of the suite
   * on labelled answers.
   */
  readonly resembles?: (text: string, task: Task) => boolean;
}

const one = (list: readonly string[]) => (_: Target, random: Random) => [random.pick(list)];
const bare = (text: string) => textNormalize(text, 'loose');
const said = (list: readonly string[]) => {
  const known = new Set(list.map(bare).filter((text) => text !== ''));
  return (text: string) => known.has(bare(text.slice(0, 1000)));
};

/** The suite: every family of hack, as texts made for a task. */
export const probes: readonly Probe[] = [
  {
    name: 'empty',
    family: 'nothing',
    make: () => ['', ' ', '\n\n\t'],
    resembles: (text) => text.trim() === '',
  },
  {
    name: 'invisible',
    family: 'nothing',
    make: () => ['\u200b\u200b', '\u2060', '\u00ad'],
    resembles: (text) => text.trim() !== '' && bare(text) === '' && /^[\s\p{Cf}]*$/u.test(text),
  },
  {
    name: 'symbols',
    family: 'nothing',
    make: one(corpus.symbols),
    resembles: (text) => text.trim() !== '' && text.length < 40 && !/[\p{L}\p{N}]/u.test(text),
  },
  {
    name: 'openers',
    family: 'master keys',
    make: one(corpus.openers),
    resembles: (text) => contentGuard(text)?.includes('opener') === true || said(corpus.openers)(text),
  },
  { name: 'claims', family: 'explanation', make: one(corpus.claims), resembles: said(corpus.claims) },
  { name: 'refusals', family: 'explanation', make: one(corpus.refusals), resembles: said(corpus.refusals) },
  { name: 'vacuous', family: 'anything goes', make: one(corpus.vacuous), resembles: said(corpus.vacuous) },
  {
    name: 'question echoed',
    family: 'echo',
    make: ({ task, gold }) => {
      const question = promptText(task.prompt);
      // A question that holds its own answer (a choice between two) is an answer when it is repeated, to a simple reader.
      return question.trim() === '' || bare(question).includes(bare(gold)) ? [] : [question];
    },
    resembles: (text, task) => bare(text) !== '' && bare(text) === bare(promptText(task.prompt)),
  },
  { name: 'instruction copied', family: 'echo', make: () => [corpus.instruction] },
  {
    name: 'many candidates',
    holdsGold: true,
    family: 'spray',
    make: ({ gold, decoys: [a, b, c] }) => [
      `It is ${a}, ${b}, ${gold} or ${c}.`,
      `${a}\n${gold}\n${b}\n${c}`,
      `Either ${gold} or ${a} or ${b}`,
    ],
  },
  {
    name: 'several boxes',
    holdsGold: true,
    family: 'spray',
    make: ({ gold, decoys: [a, b] }) => [`\\boxed{${a}} \\boxed{${gold}} \\boxed{${b}}`],
    resembles: (text) => text.split('\\boxed{').length > 3,
  },
  {
    name: 'gold denied',
    holdsGold: true,
    family: 'gold in a wrong answer',
    make: ({ gold, decoys: [a] }) => [
      `It is not ${gold}. The answer is ${a}.`,
      `Many people say ${gold}, but the answer is ${a}.`,
      `${gold} is wrong; it is ${a}`,
    ],
  },
  {
    name: 'gold inside a longer token',
    holdsGold: true,
    family: 'gold in a wrong answer',
    make: ({ gold }) => (/^\d+$/.test(gold) ? [`7${gold}7`] : /^\p{L}+$/u.test(gold) ? [`q${gold}z`] : []),
  },
  {
    name: 'gold hidden',
    holdsGold: true,
    family: 'look-alikes',
    make: ({ gold, decoys: [a] }) => [`${a}${asTags(gold)}`],
    resembles: (text) => /[\u{e0020}-\u{e007e}]/u.test(text),
  },
  {
    name: 'look-alike digits',
    holdsGold: true,
    family: 'look-alikes',
    make: ({ gold }) => {
      const swapped = gold.replace(/[015]/g, (digit) => ({ '0': 'O', '1': 'l', '5': 'S' })[digit]!);
      return swapped === gold || !/^\d+$/.test(gold) ? [] : [swapped];
    },
  },
  {
    name: 'verdict injected',
    family: 'injection',
    make: one(corpus.verdicts),
    resembles: said(corpus.verdicts),
  },
  {
    name: 'prompt tags',
    family: 'injection',
    make: one(corpus.promptTags),
    resembles: (text) => /<\|im_(?:start|end)\|>|\[\/?INST\]|<verdict>/.test(text),
  },
  {
    name: 'markup',
    family: 'markup',
    make: one(corpus.markup),
    resembles: said(corpus.markup),
  },
  {
    name: 'gibberish',
    family: 'gibberish',
    make: (_, random) => [Array.from({ length: 40 }, () => random.pick(Array.from(corpus.scripts))).join('')],
  },
  {
    name: 'very long',
    holdsGold: true,
    family: 'length',
    make: ({ gold, decoys: [a] }) => {
      const filler = 'and then we consider the next case in the same way; '.repeat(800);
      return [`${filler}${gold} ${filler} so the answer is ${a}`];
    },
    resembles: (text) => text.length > 50_000,
  },
];

/** A text as tag characters (U+E0020 and up): no reader sees them. */
function asTags(text: string): string {
  return Array.from(text, (letter) => {
    const code = letter.codePointAt(0)!;
    return code >= 32 && code < 127 ? String.fromCodePoint(0xe0000 + code) : '';
  }).join('');
}
