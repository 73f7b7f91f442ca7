/**
 * Pairs of texts a second by the main text rewards, through `score`, on one thread; and the ratio to the Python package
 * that computes the same where ASSAY_PYTHON (or python3) can import it. Run alone: `node bench/text.ts`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildReward } from '../src/catalogue/index.ts';
import { callReward, quantile, Random, scoringContext, textSample } from '../src/core/index.ts';
import type { BenchEntry } from './entry.ts';

const rounds = 7;
const pairCount = 400;

/** Related sentences of 5 to 60 words, from a fixed seed. */
function makePairs(): [string, string][] {
  const random = new Random('bench text');
  const words = Array.from({ length: 400 }, () =>
    Array.from({ length: 2 + random.integer(8) }, () => String.fromCharCode(97 + random.integer(26))).join(
      '',
    ),
  );
  return Array.from({ length: pairCount }, () => {
    const reference = Array.from({ length: 5 + random.integer(56) }, () => random.pick(words));
    const candidate = reference.flatMap((word) =>
      random.next() < 0.15 ? [] : [random.next() < 0.15 ? random.pick(words) : word],
    );
    return [`${candidate.join(' ')}.`, `${reference.join(' ')}.`];
  });
}

const figures = [
  ['qa', 'qa'],
  ['rouge', 'rouge'],
  ['bleu', 'bleu'],
  ['levenshtein', 'levenshtein'],
  ['wer', 'wer'],
  ['sequenceRatio', 'sequenceRatio'],
] as const;

interface Peer {
  readonly package: string;
  readonly version: string;
  readonly perSecond: number;
}

function peers(pairs: readonly (readonly [string, string])[]): { readonly [name: string]: Peer } {
  const { status, stdout } = spawnSync(
    process.env.ASSAY_PYTHON ?? 'python3',
    [join(import.meta.dirname, 'parity/text_speed.py')],
    { input: JSON.stringify({ pairs }), encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  return status === 0 ? (JSON.parse(stdout) as { [name: string]: Peer }) : {};
}

export async function benchText(): Promise<BenchEntry[]> {
  const pairs = makePairs();
  const samples = pairs.map(([candidate, answer], i) =>
    textSample({ id: String(i), prompt: '', answer }, candidate),
  );
  const python = peers(pairs);
  const entries: BenchEntry[] = [];
  for (const [name, spec] of figures) {
    const reward = buildReward(spec);
    const context = scoringContext();
    await callReward(reward, samples, context);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      await callReward(reward, samples, context);
      rates.push((pairCount * 1000) / (performance.now() - began));
    }
    const value = quantile(rates, 0.5);
    const peer = python[name];
    entries.push({
      name: `text.${name}`,
      value,
      unit: 'pairs/s',
      ...(peer ? { baseline: `${peer.package} ${peer.version}`, ratio: value / peer.perSecond } : {}),
    });
  }
  return entries;
}

if (import.meta.main) console.log(JSON.stringify(await benchText(), null, 2));
