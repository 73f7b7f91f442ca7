import { z } from 'zod';
import { InputError, noVerdict, parseOptions, type Reward, verdict } from '../core/index.ts';
import { details, inOrder } from './cascade-parts.ts';
import { type Parts, requireParts } from './parts.ts';

export const voteSchema = z.strictObject({
  threshold: z.number().default(0.5).describe('values from here on are a yes'),
  tie: z.enum(['half', 'no', 'none']).default('half').describe('what a tie gives; none is no verdict'),
  quorum: z.int().min(1).optional().describe('fewer verdicts are no verdict; more than half by default'),
});

export type VoteOptions = z.input<typeof voteSchema>;

/** Majority of several rewards, each a yes or a no. Parts without a verdict do not vote; `confidence` is the majority's share. */
export function vote(parts: Parts, options: VoteOptions = {}): Reward {
  requireParts('vote', parts);
  const parsed = parseOptions(voteSchema, options, "shape 'vote'");
  const { threshold, tie } = parsed;
  const count = Object.keys(parts).length;
  const quorum = parsed.quorum ?? Math.floor(count / 2) + 1;
  if (quorum > count)
    throw new InputError(`shape 'vote': option 'quorum': ${quorum} of ${count} parts can never vote`);
  return inOrder(
    'vote',
    parts,
    { threshold, tie, quorum },
    () => true,
    (asked) => {
      const said = [...asked.values()].filter(({ value }) => value !== null);
      const yes = said.filter(({ value }) => value! >= threshold).length;
      const no = said.length - yes;
      const count = `${yes} yes, ${no} no, ${asked.size - said.length} without a verdict`;
      if (said.length === 0 || said.length < quorum) {
        const missing = [...asked.values()].find(({ value }) => value === null);
        return noVerdict(
          missing?.cause ?? 'unsupported',
          `${count}: fewer than ${quorum} voted`,
          details(asked),
        );
      }
      if (yes === no && tie === 'none') return noVerdict('unsupported', `${count}: a tie`, details(asked));
      const value = yes === no ? (tie === 'half' ? 0.5 : 0) : yes > no ? 1 : 0;
      const winner = said.find((one) => one.value! >= threshold === yes > no);
      return verdict(value, count, {
        ...details(asked, winner),
        confidence: Math.max(yes, no) / said.length,
      });
    },
  );
}
