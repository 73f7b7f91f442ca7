import { finalText, type RewardFunction } from '../core/index.ts';

/** The four behaviours that SimpleRL-Zoo watches, each by words that give it away. */
export const behaviourCues = {
  backtracking: [
    'let me try again',
    'try a different',
    'start over',
    'go back',
    'that is wrong',
    "that's wrong",
  ],
  verification: [
    'let me check',
    "let's check",
    'to verify',
    'verify that',
    'double-check',
    'check the answer',
  ],
  subgoals: ['first, ', 'step 1', 'next, we', 'then we need', 'break this down', 'break it down'],
  enumeration: ['case 1', 'consider the case', 'try all', 'list all', 'one by one', 'for each possible'],
} as const;

export type Behaviour = keyof typeof behaviourCues;

/**
 * 1 where a response shows a behaviour, else 0, by a list of cues: the offline stand-in for a judge (SimpleRL-Zoo labels with a
 * model). A measure to watch: as a part of weight 0 in `weighted` it comes out as `part.NAME` of every step. Length grows
 * apart from it, which is why both are shown.
 */
export function showsBehaviour(behaviour: Behaviour): RewardFunction {
  const cues = behaviourCues[behaviour];
  return (sample) => {
    const text = finalText(sample).toLowerCase();
    return cues.some((cue) => text.includes(cue));
  };
}
