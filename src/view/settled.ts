/** Longer than a write takes from its time stamp to its commit. */
const margin = 2000;

/**
 * Whether what was read of a run may be remembered by the time of its last write. That has milliseconds: of two writes in one of
 * them, the second may be stored after somebody read the first, and no time would tell.
 */
export function isSettled({ updated }: { readonly updated: number }, now = Date.now()): boolean {
  return Math.abs(now - updated) > margin;
}
