/** Equal answers of a group, largest cluster first, then in order of first appearance. */
export interface AnswerCluster {
  /** Undefined: the answers that could not be read. */
  readonly answer: string | undefined;
  readonly members: readonly number[];
  readonly share: number;
}

export interface AnswerClusters {
  readonly clusters: readonly AnswerCluster[];
  /** Shannon entropy −Σ p log p of the shares. */
  readonly entropy: number;
}

/**
 * Clusters answers in canonical form by equality. What could not be read (undefined) is one cluster (copo), or left out.
 * The entropy is in nats unless another base is given.
 */
export function answerClusters(
  answers: readonly (string | undefined)[],
  {
    base = Math.E,
    unread = 'cluster',
  }: { readonly base?: number; readonly unread?: 'cluster' | 'skip' } = {},
): AnswerClusters {
  const found = new Map<string | undefined, number[]>();
  let total = 0;
  answers.forEach((answer, i) => {
    if (answer === undefined && unread === 'skip') return;
    total++;
    const members = found.get(answer);
    if (members) members.push(i);
    else found.set(answer, [i]);
  });
  const clusters = [...found]
    .map(([answer, members]) => ({ answer, members, share: members.length / total }))
    .sort((a, b) => b.members.length - a.members.length || a.members[0]! - b.members[0]!);
  const nats = clusters.reduce((sum, { share }) => sum - share * Math.log(share), 0);
  return { clusters, entropy: clusters.length < 2 ? 0 : nats / Math.log(base) };
}

export interface VoteOptions {
  /** One a voter; 1 each when left out (value-weighted: rest-mcts-star). */
  readonly weights?: ArrayLike<number>;
  /** Only these vote, unless none is accepted: then all do (refcritic). */
  readonly accepted?: ArrayLike<boolean>;
  /** Equal votes: the answer that came first wins, all of them share it, or nobody wins. */
  readonly tie?: 'first' | 'half' | 'none';
}

export interface Vote {
  /** One winner; several that share a tie; none when nobody voted or a tie counts as none. */
  readonly winners: readonly string[];
  readonly votes: ReadonlyMap<string, number>;
}

/** The answer with the most weight; undefined answers do not vote. */
export function majorityVote(answers: readonly (string | undefined)[], options: VoteOptions = {}): Vote {
  const { weights, accepted, tie = 'first' } = options;
  const some =
    accepted !== undefined && Array.from(accepted).some((yes, i) => yes && answers[i] !== undefined);
  const votes = new Map<string, number>();
  answers.forEach((answer, i) => {
    if (answer === undefined || (some && !accepted[i])) return;
    votes.set(answer, (votes.get(answer) ?? 0) + (weights?.[i] ?? 1));
  });
  const most = Math.max(...votes.values());
  const leaders = [...votes].filter(([, n]) => n === most).map(([answer]) => answer);
  const winners =
    tie === 'first' ? leaders.slice(0, 1) : tie === 'half' || leaders.length === 1 ? leaders : [];
  return { winners, votes };
}

/** What a vote earns against the right answer: 1, a share of a tie, or 0. */
export function voteScore({ winners }: Vote, answer: string): number {
  return winners.includes(answer) ? 1 / winners.length : 0;
}
