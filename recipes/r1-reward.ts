import { finalText, lift, stream, type Task, type TaskSource } from 'assay/core';
import { outlierFilter, reinforcePlusPlus } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { product, weighted } from 'assay/shape';
import { recipe } from 'assay/train';
import { exact, tagFormat } from 'assay/verify';

const words = [...'abcdefghijklmnop'];

export interface PairTasksOptions {
  /** Words of a response. */
  readonly length: number;
  readonly train: number;
  readonly evaluate: number;
  readonly demonstrations: number;
  /** The share of demonstrations that prefer the better response. */
  readonly informed: number;
  /** The share of demonstrations whose answer contradicts their thought. */
  readonly contradicting: number;
}

/**
 * `bgk|dah:` → `<think>2</think><answer>2</answer>`: which of two responses is better. Every word has a hidden quality, and the sum decides; no
 * ties. The thought says which one it finds better. Demonstrations know the form and are right more often than not.
 */
export function pairTasks(given: PairTasksOptions): TaskSource {
  return {
    name: 'pairs',
    version: '1',
    options: given,
    load: async () => {
      const random = stream(0, 'pairs');
      const quality = new Map(random.shuffle([...words]).map((word, i) => [word, i]));
      const worth = (response: readonly string[]) =>
        response.reduce((sum, word) => sum + quality.get(word)!, 0);
      const seen = new Set<string>();
      const draw = (n: number): Task[] => {
        const out: Task[] = [];
        while (out.length < n) {
          const [a, b] = [0, 1].map(() => Array.from({ length: given.length }, () => random.pick(words)));
          const prompt = `${a!.join('')}|${b!.join('')}:`;
          if (worth(a!) === worth(b!) || seen.has(prompt)) continue;
          seen.add(prompt);
          out.push({ id: prompt, prompt, answer: worth(a!) > worth(b!) ? '1' : '2' });
        }
        return out;
      };
      const evaluate = draw(given.evaluate);
      const train = draw(given.train);
      const demonstrations = train.slice(0, given.demonstrations).map(({ prompt, answer: better }) => {
        const other = (choice: string) => (choice === '1' ? '2' : '1');
        const said = random.next() < given.informed ? String(better) : other(String(better));
        const answer = random.next() < given.contradicting ? other(said) : said;
        return { prompt, completion: `<think>${said}</think><answer>${answer}</answer>` };
      });
      return { train, evaluate, demonstrations };
    },
  };
}

/** A simulated judge of consistency: 1 where the thought ends in the answer, −1 where it does not, 0 where nothing can be read. */
export const consistency = lift(function consistency(sample) {
  const [before, after] = finalText(sample).split('<answer>', 2) as [string, string | undefined];
  const thought = before.split('</think>', 1)[0]!.at(-1);
  const answer = after?.split('</answer>', 1)[0];
  if (!thought || !'12'.includes(thought) || !answer) return 0;
  return thought === answer ? 1 : -1;
});

const accuracy = exact({ from: 'tag' });
/** 0.5·format + accuracy·(1 + 0.5·consistency). */
export const reward = weighted({
  format: [tagFormat({ between: 'none', once: 'open', trim: true, endOfTurn: true }), 0.5],
  accuracy: [accuracy, 1],
  agreement: [product({ accuracy, consistency }), 0.5],
});

/**
 * Experiment 4, the bias of position: the share of pairs (`bgk|dah:`) whose verdict changes sides when the responses are
 * exchanged. No verdict is no change.
 */
export async function flips(
  pairs: readonly string[],
  judge: (prompt: string) => Promise<string>,
): Promise<number> {
  const verdict = async (prompt: string) => /<answer>([12])<\/answer>/.exec(await judge(prompt))?.[1];
  let flipped = 0;
  for (const pair of pairs) {
    const [first, second] = pair.slice(0, -1).split('|') as [string, string];
    const one = await verdict(pair);
    const other = await verdict(`${second}|${first}:`);
    if (one && other && one !== other) flipped++;
  }
  return flipped / pairs.length;
}

/** Pre-CLIP: the log-ratio is held within ±ln 1000 before it is exponentiated. */
const preClipped = clipped({ aggregate: 'sequence', logRatioLimit: Math.log(1000) });
/** As in the textbook: whatever the ratio is. */
const unbounded = clipped({ aggregate: 'sequence', logRatioLimit: 500 });

export default recipe({
  name: 'r1-reward',
  summary:
    'StableReinforce against REINFORCE++ with PPO’s clip: eight updates per batch at a high learning rate',
  paper: 'r1-reward',
  tasks: pairTasks({
    length: 2,
    train: 4000,
    evaluate: 400,
    demonstrations: 4000,
    informed: 0.7,
    contradicting: 0.2,
  }),
  engine: embedded({
    layers: 1,
    width: 32,
    heads: 4,
    context: 16,
    tokenizer: {
      kind: 'vocabulary',
      entries: [...words, '1', '2', '|', ':', '<think>', '</think>', '<answer>', '</answer>'],
    },
  }),
  warmStart: { steps: 100, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward,
  success: { part: 'accuracy', atLeast: 1 },
  estimator: outlierFilter(reinforcePlusPlus()),
  objective: preClipped,
  // Three times the rate at which both learn steadily; at 1e-2 and above neither learns. No gradient clipping: stability is what is measured.
  optimizer: { learningRate: 3e-3 },
  groups: 64,
  samples: 1,
  epochs: 8,
  steps: 100,
  sampling: { maxTokens: 7, temperature: 1 },
  evaluation: { every: 0 },
  arms: {
    unfiltered: { estimator: reinforcePlusPlus() },
    unbounded: { objective: unbounded },
    plain: { estimator: reinforcePlusPlus(), objective: unbounded },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'plain', direction: 'lower', metric: 'mean.gradientNorm' },
    { arm: 'plain', over: 'main', direction: 'notHigher', by: 0.05 },
  ],
});
