import data from './data/lists.json' with { type: 'json' };

let points: ReadonlySet<number> | undefined;

/** Whether a single character is an emoji, by the list of the Python package emoji. */
export function isEmoji(character: string | undefined): boolean {
  if (character === undefined) return false;
  points ??= new Set(
    data.emoji.split(' ').flatMap((range) => {
      const [low, high] = range.split('-').map((end) => Number.parseInt(end, 16));
      return Array.from({ length: (high ?? low!) - low! + 1 }, (_, i) => low! + i);
    }),
  );
  return points.has(character.codePointAt(0)!);
}
