import { z } from 'zod';
import {
  answerLadder,
  answerRungs,
  boxed,
  type Found,
  fencedBlock,
  lastNumber,
  markedLine,
  tagBlock,
  trimmed,
  visibleAnswer,
} from '../parse/index.ts';

/** Where in a completion its answer is read. */
export const answerPlaces = [
  'whole',
  'visible',
  'lastLine',
  'boxed',
  'tag',
  'marked',
  'fence',
  'ladder',
  'lastNumber',
] as const;
export type AnswerPlace = (typeof answerPlaces)[number];

/** The options that a reward takes over, with the place that is its default. */
export function answerSource<P extends AnswerPlace>(place: P) {
  return {
    from: z
      .enum(answerPlaces)
      .default(place as AnswerPlace)
      .describe(
        "where the answer is read: the whole text, what is visible after </think>, the last line, the last \\boxed{}, a tag, the line after a marker, a fenced block, the first rung of the ladder that finds one (boxed, marker, 'answer is', last number), or the last number",
      ),
    tag: z.string().min(1).max(64).default('answer').describe("for 'tag': its name"),
    marker: z.string().min(1).max(64).default('####').describe("for 'marked': what the line starts with"),
    which: z.enum(['first', 'last']).default('last').describe('which of several'),
  };
}

export interface AnswerSource {
  readonly from: AnswerPlace;
  readonly tag: string;
  readonly marker: string;
  readonly which: 'first' | 'last';
}

/** The answer of a completion without blanks around it, or undefined when there is none at that place. */
export function readAnswer(text: string, source: AnswerSource): Found | undefined {
  const { which } = source;
  switch (source.from) {
    case 'whole':
      return trimmed(text, 0, text.length);
    case 'visible':
      return visibleAnswer(text, { which });
    case 'lastLine': {
      const all = trimmed(text, 0, text.length);
      return trimmed(text, Math.max(all.start, text.lastIndexOf('\n', all.end - 1) + 1), all.end);
    }
    case 'boxed':
      return within(text, boxed(text, { which }));
    case 'tag':
      return within(text, tagBlock(text, source.tag, { which }));
    case 'marked':
      return markedLine(text, { markers: [source.marker], which });
    case 'fence':
      return within(text, fencedBlock(text, { which }));
    case 'ladder':
      return answerLadder(text, { rungs: ladder });
    case 'lastNumber':
      return lastNumber(text);
  }
}

const ladder = [
  'boxed',
  'marked',
  ...answerRungs.filter((rung) => rung !== 'boxed' && rung !== 'marked'),
] as const;

function within(text: string, found: Found | undefined): Found | undefined {
  return found && trimmed(text, found.start, found.end);
}

/** What a reason says when there is no answer at a place. */
export function nothingAt(source: AnswerSource): string {
  switch (source.from) {
    case 'boxed':
      return 'there is no \\boxed{}';
    case 'tag':
      return `there is no <${source.tag}> block`;
    case 'marked':
      return `no line starts with '${source.marker}'`;
    case 'fence':
      return 'there is no fenced block';
    case 'visible':
      return 'the thinking is never ended';
    case 'lastNumber':
      return 'there is no number';
    default:
      return 'there is no answer';
  }
}
