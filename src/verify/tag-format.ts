import { z } from 'zod';
import { defineReward, InputError, verdict } from '../core/index.ts';
import {
  blankBetween,
  cutAt,
  endOfTurn,
  type Found,
  fencedBlocks,
  jsonIn,
  scanTags,
  tagBlock,
  tagLayout,
  trimmed,
} from '../parse/index.ts';
import { candidateText } from './candidate.ts';

const gap = z.enum(['none', 'space', 'any']);

/**
 * `ok` if the completion consists of tagged blocks in their order, else `bad`.
 *
 * Papers differ in what they tolerate; the defaults are the strict full match with white space between blocks and each
 * tag exactly once. As written, `<think>.*?</think>\s*<answer>.*?</answer>` with a full match (VLM-R1, UI-R1, CLS-RL,
 * WeThink) is `once: false, nested: true`; BNPO is `between: 'none'`; R1-Reward is `between: 'none', once: 'open', trim:
 * true, endOfTurn: true`; SophiaVL-R1 is `between: 'any', after: 'any', once: false, nested: true`; SWE-RL's count is
 * `order: 'count', empty: false`; RuleReasoner's is `order: 'index', ok: 0, bad: -1`.
 */
export const tagFormat = defineReward({
  name: 'tagFormat',
  version: '1',
  summary: 'the completion consists of tagged blocks in a given order',
  source: 'DeepSeek-R1 format reward and its descendants; see the options for each paper',
  options: z.object({
    tags: z
      .array(z.string().regex(/^[A-Za-z][\w-]{0,63}$/, 'expected a tag name'))
      .min(1)
      .max(32)
      .default(['think', 'answer'])
      .describe('the blocks, in order'),
    order: z
      .enum(['match', 'index', 'count'])
      .default('match')
      .describe(
        'match: the blocks one after another; index: only the first places of the tags are compared, an absent opening tag passes; count: each tag exactly once, in any order',
      ),
    before: gap.default('none').describe('what may stand before the first block'),
    between: gap.default('space').describe('what may stand between blocks'),
    after: gap.default('none').describe('what may stand after the last block'),
    once: z
      .union([z.boolean(), z.literal('open')])
      .default(true)
      .describe("each tag exactly once in the text; 'open': opening tags only"),
    nested: z.boolean().default(false).describe('the content of a block may hold these tags'),
    fencedJson: z
      .array(z.string())
      .default([])
      .describe('tags whose content is one fenced block of JSON and nothing else (BTL-UI, VLM-R1)'),
    empty: z.boolean().default(true).describe('a block may be empty'),
    prefilled: z.boolean().default(false).describe('the first opening tag stood in the prompt'),
    trim: z.boolean().default(false).describe('blanks around the completion do not count'),
    endOfTurn: z.boolean().default(false).describe('the text ends before an end-of-turn token'),
    ok: z.number().default(1).describe('the value of a well-formed completion'),
    bad: z.number().default(0).describe('the value of any other'),
  }),
  examples: [
    { completion: '<think>4 * 2</think>\n<answer>8</answer>', value: 1 },
    { completion: '<think>4 * 2</think>\n<answer>8</answer>\n', value: 0 },
    { completion: '<think>a</think>\n<answer>b</answer>', options: { between: 'none', bad: -1 }, value: -1 },
    { completion: 'so</think><answer>b</answer>', options: { prefilled: true }, value: 1 },
    { completion: '<think>a</think><answer>b</answer><answer>c</answer>', value: 0 },
    {
      completion: '<think>a</think><answer>b</answer><answer>c</answer>',
      options: { once: false, nested: true },
      value: 1,
    },
    { completion: 'a</think><answer>b</answer>', options: { order: 'index', ok: 0, bad: -1 }, value: 0 },
    {
      completion: '<think>a</think><answer>```json\n{"n": 1}\n```</answer>',
      options: { fencedJson: ['answer'] },
      value: 1,
    },
  ],
  minimumOf: ({ ok, bad }) => Math.min(ok, bad),
  create(options) {
    const { ok, bad, order, trim, endOfTurn: cut, tags, fencedJson } = options;
    const stray = fencedJson.find((name) => !tags.includes(name));
    if (stray !== undefined)
      throw new InputError(`reward 'tagFormat': option 'fencedJson': '${stray}' is not one of the tags`);
    return (sample, context) => {
      const { text: whole, tooLong } = candidateText(sample, context, bad);
      if (tooLong) return tooLong;
      let text = cut ? cutAt(whole, endOfTurn) : whole;
      const shift = trim ? trimmed(text, 0, text.length).start : 0;
      if (trim) text = text.trim();
      const { blocks, problem } =
        order === 'match'
          ? tagLayout(text, options)
          : order === 'count'
            ? counted(text, options)
            : indexed(text, tags);
      if (problem !== undefined) return verdict(bad, problem);
      for (const name of fencedJson) {
        const wrong = notFencedJson(text, name);
        if (wrong !== undefined) return verdict(bad, `<${name}>: ${wrong}`);
      }
      const last = blocks.at(-1);
      const at = last && { start: last.start + shift, end: last.end + shift };
      return verdict(ok, 'the tags are as they should be', { at });
    };
  },
});

/** Why the last block of a name does not hold one fenced block of JSON, or undefined when it does. */
function notFencedJson(text: string, name: string): string | undefined {
  const block = tagBlock(text, name, { which: 'last' });
  if (block === undefined) return 'there is no block';
  const content = block.value.trim();
  const fences = fencedBlocks(content);
  if (fences.length !== 1) return `${fences.length} fenced blocks`;
  if (!/^(?:`{3,}|~{3,})/.test(content) || !/(?:`{3,}|~{3,})$/.test(content)) return 'text beside the fence';
  const { language } = fences[0]!;
  if (language !== '' && language !== 'json') return `the fence says ${language}`;
  const found = jsonIn(content, { from: 'fence' });
  return 'problem' in found && found.problem !== undefined ? found.problem : undefined;
}

type Result = { blocks: readonly Found[]; problem?: undefined } | { blocks?: undefined; problem: string };

/** Each tag exactly once, wherever it stands (SWE-RL). A block goes from its opening tag to the next closing one. */
function counted(text: string, { tags, empty }: { tags: readonly string[]; empty: boolean }): Result {
  const scanned = scanTags(text, tags);
  const blocks: Found[] = [];
  for (const name of tags) {
    const opens = scanned.filter((tag) => tag.name === name && tag.kind === 'open');
    const closes = scanned.filter((tag) => tag.name === name && tag.kind === 'close');
    for (const [label, found] of [
      [`<${name}>`, opens],
      [`</${name}>`, closes],
    ] as const)
      if (found.length !== 1)
        return {
          problem: found.length === 0 ? `${label} is missing` : `${label} occurs ${found.length} times`,
        };
    const start = opens[0]!.end;
    const end = closes[0]!.start >= start ? closes[0]!.start : text.length;
    if (!empty && blankBetween(text, start, end)) return { problem: `<${name}> is empty` };
    blocks.push({ value: text.slice(start, end), start, end });
  }
  return { blocks };
}

/** First places compared, absent is −1: each opening before its closing tag, each block closed before the next opens. */
function indexed(text: string, tags: readonly string[]): Result {
  let before = -2;
  for (const [i, name] of tags.entries()) {
    const open = text.indexOf(`<${name}>`);
    const close = text.indexOf(`</${name}>`);
    if (i > 0 && open <= before) return { problem: `<${name}> is missing or comes too early` };
    if (close <= open) return { problem: `</${name}> is missing or stands before <${name}>` };
    before = close;
  }
  const last = tags.at(-1)!;
  const start = text.indexOf(`<${last}>`) + last.length + 2;
  const end = text.indexOf(`</${last}>`);
  return { blocks: [{ value: text.slice(start, end), start: Math.min(start, end), end }] };
}
