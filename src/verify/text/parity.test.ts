import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { callReward, type Reward, scoringContext } from '../../core/reward.ts';
import { textSample } from '../../core/sample.ts';
import { textNormalize } from '../../parse/text-normalize.ts';
import { tokenizeText } from '../../parse/tokenize-text.ts';
import { bleu, gleu } from './bleu.ts';
import type { smoothings } from './bleu-scores.ts';
import { anls, indelRatio, levenshtein, sequenceRatio } from './edit-similarity.ts';
import { cer, wer } from './error-rate.ts';
import { porterStem } from './porter-stem.ts';
import { rouge } from './rouge.ts';
import { tokenF1 } from './token-overlap.ts';

/** The cases of a fixture that a script in bench/parity froze. */
function cases<Case>(name: string): Case[] {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
  const found = (JSON.parse(text) as { cases: Case[] }).cases;
  expect(found.length).toBeGreaterThan(50);
  return found;
}

function score(reward: Reward, completion: string, answer: string | string[]): number {
  const sample = textSample({ id: 'case', prompt: '', answer }, completion);
  const [verdict] = callReward(reward, [sample], scoringContext()) as readonly { value: number | null }[];
  return verdict!.value!;
}

test('ROUGE agrees with rouge-score', () => {
  type Case = { candidate: string; reference: string; scores: Record<string, [number, number, number]> };
  for (const { candidate, reference, scores } of cases<Case>('rouge'))
    for (const [name, expected] of Object.entries(scores)) {
      const [type, stem] = name.split(' ');
      (['precision', 'recall', 'f1'] as const).forEach((statistic, i) => {
        const reward = rouge({ type: type as '1' | '2' | 'L' | 'Lsum', stem: stem === 'stem', statistic });
        const got = score(reward, candidate, reference);
        expect(got, `${name} ${statistic}: ${candidate} | ${reference}`).toBeCloseTo(expected[i]!, 9);
      });
    }
});

test('stems agree with NLTK', () => {
  for (const { word, stem } of cases<{ word: string; stem: string }>('porter-stem'))
    expect([word, porterStem(word)]).toEqual([word, stem]);
});

test('BLEU agrees with sacrebleu', () => {
  type Case = {
    candidate: string;
    references: string[];
    scores: { options: Record<string, string | number | boolean>; score: number }[];
  };
  for (const { candidate, references, scores } of cases<Case>('bleu'))
    for (const { options, score: expected } of scores) {
      const reward = bleu({
        order: (options.max_ngram_order as number) ?? 4,
        smoothing: options.smooth_method as (typeof smoothings)[number],
        smoothingValue: options.smooth_value as number | undefined,
        lowercase: options.lowercase === true,
        effectiveOrder: options.effective_order === true,
      });
      const message = `${JSON.stringify(options)}: ${candidate} | ${references.join(' | ')}`;
      expect(score(reward, candidate, references), message).toBeCloseTo(expected, 9);
    }
});

test('GLEU agrees with NLTK', () => {
  type Case = { candidate: string; references: string[]; score: number };
  for (const { candidate, references, score: expected } of cases<Case>('gleu'))
    expect(score(gleu({ tokenize: 'whitespace' }), candidate, references)).toBeCloseTo(expected, 9);
});

test('edit similarities agree with rapidfuzz, Levenshtein, difflib and anls-star', () => {
  type Edit = { candidate: string; reference: string; levenshtein: number; indelRatio: number };
  for (const { candidate, reference, levenshtein: first, indelRatio: second } of cases<Edit>('levenshtein'))
    if (reference.trim() !== '') {
      expect(score(levenshtein(), candidate, reference)).toBeCloseTo(first, 9);
      expect(score(indelRatio(), candidate, reference)).toBeCloseTo(second, 9);
    }
  type Sequence = { candidate: string; reference: string; ratio: number };
  for (const { candidate, reference, ratio } of cases<Sequence>('sequence-ratio'))
    if (reference.trim() !== '')
      expect(score(sequenceRatio(), candidate, reference), `${candidate} | ${reference}`).toBeCloseTo(
        ratio,
        9,
      );
  type Anls = { candidate: string; reference: string; anls: number };
  for (const { candidate, reference, anls: expected } of cases<Anls>('anls'))
    expect(
      score(anls({ atThreshold: 'keep' }), candidate, reference),
      `${candidate} | ${reference}`,
    ).toBeCloseTo(expected, 9);
});

test('error rates agree with jiwer', () => {
  type Case = { candidate: string; reference: string; wer: number; cer: number };
  for (const { candidate, reference, wer: words, cer: characters } of cases<Case>('error-rate')) {
    expect(score(wer({ form: 'exponential' }), candidate, reference)).toBeCloseTo(Math.exp(-words), 9);
    expect(score(cer({ form: 'exponential' }), candidate, reference)).toBeCloseTo(Math.exp(-characters), 9);
  }
});

test('normal form, exact match and F1 agree with the SQuAD script', () => {
  type Case = { candidate: string; reference: string; normalized: string; exact: number; f1: number };
  for (const { candidate, reference, normalized, exact, f1 } of cases<Case>('squad')) {
    const ours = textNormalize(candidate, 'squad');
    const theirs = textNormalize(reference, 'squad');
    expect(ours).toBe(normalized);
    expect(ours === theirs ? 1 : 0).toBe(exact);
    const tokens = (text: string) => tokenizeText(text, 'whitespace');
    if (theirs !== '' && ours !== '')
      expect(tokenF1(tokens(ours), tokens(theirs), 'multiset').f1).toBeCloseTo(f1, 9);
  }
});
