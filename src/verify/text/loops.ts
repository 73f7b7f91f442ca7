/** What a text that goes round in circles is charged, by kind; `total` is the largest of them. */
export interface LoopPenalty {
  readonly total: number;
  readonly length: number;
  readonly run: number;
  readonly phrase: number;
  readonly diversity: number;
}

/** Phrases are looked for in so many words at the start; a text that loops does so before. */
const searched = 5000;

/**
 * Time-R1's penalty on words (its verl reward, time_reasoning.py), N their number:
 * length 0.3·min(1, (N − 900)/124) for N > 900; the longest run m ≥ 5 of one word, 0.1·min(5, m − 4), for N > 50; a phrase of
 * 3, 5, 7 or 9 words that comes again twice or more within the next three of its lengths, 0.15 a time up to 0.45, for
 * N > 100; and for N > 200, 0.5 − u where u < 0.5 is the share of distinct 5-grams among the first 500. The specification
 * does not say how the three kinds of repetition combine: here the largest counts. Linear in N.
 */
export function loopPenalty(words: readonly string[]): LoopPenalty {
  const n = words.length;
  const length = n > 900 ? 0.3 * Math.min(1, (n - 900) / 124) : 0;
  const longest = n > 50 ? longestRun(words) : 0;
  const run = longest >= 5 ? 0.1 * Math.min(5, longest - 4) : 0;
  const again = n > 100 ? phraseReturns(words.slice(0, searched)) : 0;
  const phrase = again >= 2 ? Math.min(0.45, 0.15 * again) : 0;
  const diversity = n > 200 ? Math.max(0, 0.5 - distinctShare(words)) : 0;
  return { total: Math.max(length, run, phrase, diversity), length, run, phrase, diversity };
}

function longestRun(words: readonly string[]): number {
  let longest = 0;
  let here = 0;
  for (let i = 0; i < words.length; i++) {
    here = i > 0 && words[i] === words[i - 1] ? here + 1 : 1;
    longest = Math.max(longest, here);
  }
  return longest;
}

/** How often, at most, a phrase comes again (without overlap) within the three lengths after it. */
function phraseReturns(words: readonly string[]): number {
  let most = 0;
  for (const w of [3, 5, 7, 9])
    for (let i = 0; i + w < words.length; i++) {
      let count = 0;
      for (let j = i + w; j + w <= Math.min(words.length, i + 4 * w); ) {
        let k = 0;
        while (k < w && words[j + k] === words[i + k]) k++;
        if (k === w) count++;
        j += k === w ? w : 1;
      }
      most = Math.max(most, count);
    }
  return most;
}

function distinctShare(words: readonly string[]): number {
  const total = Math.min(500, words.length - 4);
  const seen = new Set<string>();
  for (let i = 0; i < total; i++) seen.add(words.slice(i, i + 5).join('\u001f'));
  return seen.size / total;
}
