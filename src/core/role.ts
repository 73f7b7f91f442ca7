/** The sides of a sequence in a loss that compares several, or that it comes from an earlier step. */
export const roleNames = ['chosen', 'rejected', 'winner', 'loser', 'replay'] as const;
export type Role = (typeof roleNames)[number];
