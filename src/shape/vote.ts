import { noVerdict, type Reward, verdict } from '../core/index.ts';
import { details, inOrder, type Parts } from './cascade-parts.ts';

export interface VoteOptions {
  /** Values from here on are a yes. Default 0.5. */
  readonly threshold?: number;
  /** What as many yeses as noes give: a half, no, or no verdict. Default 'half'. */
  readonly tie?: 'half' | 'no' | 'none';
  /** Fewer verdicts than this are no verdict. Default: more than half of the parts. */
  readonly quorum?: number;
}

/** Majority of several rewards, each a yes or a no. Parts without a verdict do not vote; `confidence` is the majority's share. */
export function vote(parts: Parts, options: VoteOptions = {}): Reward {
  const { threshold = 0.5, tie = 'half' } = options;
  const quorum = options.quorum ?? Math.floor(Object.keys(parts).length / 2) + 1;
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
