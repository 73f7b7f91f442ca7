import { tokenizeText } from '../../parse/index.ts';
import { intern, lcsLength } from './edit-distance.ts';
import { ngramCounts, type Overlap, overlap, overlapScores } from './ngrams.ts';
import { porterStem } from './porter-stem.ts';

/** Tokens as rouge-score makes them; stemming touches words of more than three letters. */
export function rougeTokens(text: string, stem: boolean): string[] {
  const tokens = tokenizeText(text, 'rouge');
  return stem ? tokens.map((token) => (token.length > 3 ? porterStem(token) : token)) : tokens;
}

/** ROUGE-n (Lin 2004): clipped n-gram overlap. */
export function rougeN(candidate: readonly string[], reference: readonly string[], n: number): Overlap {
  const hits = overlap(ngramCounts(candidate, n), ngramCounts(reference, n));
  return overlapScores(hits, Math.max(0, candidate.length - n + 1), Math.max(0, reference.length - n + 1));
}

/** ROUGE-L (Lin 2004): longest common subsequence. */
export function rougeL(candidate: readonly string[], reference: readonly string[]): Overlap {
  return overlapScores(lcsLength(intern(candidate, reference)), candidate.length, reference.length);
}

/**
 * ROUGE-Lsum (Lin 2004, 3.2): union of the longest common subsequences of each reference sentence with all candidate
 * sentences, hits clipped to the counts of both sides. Time and memory O(n·m).
 */
export function rougeLsum(
  candidate: readonly (readonly string[])[],
  reference: readonly (readonly string[])[],
): Overlap {
  const inCandidate = ngramCounts(candidate.flat(), 1);
  const inReference = ngramCounts(reference.flat(), 1);
  let hits = 0;
  for (const sentence of reference) {
    const matched = new Uint8Array(sentence.length);
    for (const other of candidate) markCommon(sentence, other, matched);
    for (let i = 0; i < sentence.length; i++) {
      if (!matched[i]) continue;
      const token = sentence[i]!;
      const left = inCandidate.get(token) ?? 0;
      const right = inReference.get(token) ?? 0;
      if (left > 0 && right > 0) {
        hits++;
        inCandidate.set(token, left - 1);
        inReference.set(token, right - 1);
      }
    }
  }
  const total = (sentences: readonly (readonly string[])[]) =>
    sentences.reduce((sum, sentence) => sum + sentence.length, 0);
  return overlapScores(hits, total(candidate), total(reference));
}

/** Marks the places of `a` on one longest common subsequence with `b`: the one that rouge-score's backtracking takes. */
function markCommon(a: readonly string[], b: readonly string[], matched: Uint8Array): void {
  const { a: x, b: y } = intern(a, b);
  const width = y.length + 1;
  const table = new Uint16Array((x.length + 1) * width);
  for (let i = 1; i <= x.length; i++)
    for (let j = 1; j <= y.length; j++)
      table[i * width + j] =
        x[i - 1] === y[j - 1]
          ? table[(i - 1) * width + j - 1]! + 1
          : Math.max(table[(i - 1) * width + j]!, table[i * width + j - 1]!);
  let i = x.length;
  let j = y.length;
  while (i > 0 && j > 0) {
    if (x[i - 1] === y[j - 1]) {
      matched[i - 1] = 1;
      i--;
      j--;
    } else if (table[i * width + j - 1]! > table[(i - 1) * width + j]!) j--;
    else i--;
  }
}
