/** Rewards that run the candidate's program. One file a reward; what runs the program is given. */
export * from './execution-equivalence.ts';
