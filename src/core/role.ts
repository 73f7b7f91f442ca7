/** The side of a sequence in a loss that compares several, or that it comes from an earlier step. */
export type Role = 'chosen' | 'rejected' | 'winner' | 'loser' | 'replay';
