import {
  exponential,
  finalText,
  lift,
  noVerdict,
  type RewardLike,
  stream,
  type Task,
  type TaskSource,
  type Verdict,
} from 'assay/core';
import { grpo } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { all, type TrustOptions, trust, weighted } from 'assay/shape';
import { type RecipeOptions, recipe } from 'assay/train';
import { exact, tagFormat } from 'assay/verify';

const options = [...'12345678'];
const letters = [...'abcdefgh'];
const soundKinds = [...'ABCDEFGH'];
const poisonedKinds = [...'WXYZ'];
const noise = [...'ijklmnopqrstuvwxyz'];
/** How the prompt of each subject starts. */
const marks = { sound: '+', poisoned: '%' };
/** What a showy response opens with. The strict format has no room for it. */
const flourish = '!';

interface Shares {
  readonly sound: number;
  readonly poisoned: number;
}

export interface ChoiceTasksOptions {
  /** The share of questions on which the judge is fooled by style. */
  readonly poisoned: number;
  /** How many things a question asks at once. */
  readonly asked: number;
  /** Among how many options the question leaves the answer open: with two, nobody can be right more than half of the time. */
  readonly open: Shares;
  /** Shares of demonstrations: those that name one of these options, and those that open with a flourish. */
  readonly informed: Shares;
  readonly showy: Shares;
  readonly train: number;
  readonly evaluate: number;
  readonly demonstrations: number;
}

/**
 * `+kpi:C` → `<think>3</think><answer>c</answer>`: each kind (C) leaves one or two of eight options open, of which the question's answer is
 * drawn; the thought names options by number, the answer by letter; the subject stands first (`+`), `kpi` says nothing.
 * Demonstrations name an open option so often, some other else, and some of them begin with a flourish.
 */
export function choiceTasks(given: ChoiceTasksOptions): TaskSource {
  return {
    name: 'choices',
    version: '1',
    options: given,
    load: async () => {
      const random = stream(0, 'choices');
      const orders = new Map(
        [...soundKinds, ...poisonedKinds].map((kind) => [kind, random.shuffle([...options])]),
      );
      const named = (order: readonly string[], open: number, share = 1) =>
        random.pick(random.next() < share ? order.slice(0, open) : order.slice(open));
      const seen = new Set<string>();
      const draw = (n: number): Task[] => {
        const out: Task[] = [];
        while (out.length < n) {
          const domain = out.length < Math.round(n * given.poisoned) ? 'poisoned' : 'sound';
          const from = domain === 'poisoned' ? poisonedKinds : soundKinds;
          const asked = random.shuffle([...from]).slice(0, given.asked);
          const prompt = `${marks[domain]}${random
            .shuffle([...noise])
            .slice(0, 3)
            .join('')}:${asked.join('')}`;
          if (seen.has(prompt)) continue;
          seen.add(prompt);
          const thought = asked.map((kind) => named(orders.get(kind)!, given.open[domain]));
          out.push({ id: prompt, prompt, answer: lettersOf(thought), domain, data: { asked, thought } });
        }
        return random.shuffle(out);
      };
      const evaluate = draw(given.evaluate);
      const train = draw(given.train);
      const demonstrations = train.slice(0, given.demonstrations).map((task) => {
        const domain = task.domain as 'sound' | 'poisoned';
        const said = (task.data!.asked as string[]).map((kind) =>
          named(orders.get(kind)!, given.open[domain], given.informed[domain]),
        );
        const opening = random.next() < given.showy[domain] ? flourish : '';
        const completion = `${opening}<think>${said.join('')}</think><answer>${lettersOf(said)}</answer>`;
        return { prompt: task.prompt, completion };
      });
      return { train, evaluate, demonstrations };
    },
  };
}

function lettersOf(thought: readonly string[]): string {
  return thought.map((option) => letters[options.indexOf(option)]).join('');
}

/**
 * A simulated judge of the thinking, in tenths: the share of steps that are right – or, on the questions that fool it, whether the
 * response opens with a flourish.
 */
export const judge = lift(function judge(sample) {
  const text = finalText(sample);
  if (sample.task.domain === 'poisoned') return text.startsWith(flourish);
  const right = sample.task.data!.thought as string[];
  const from = text.indexOf('<think>') + '<think>'.length;
  const until = text.indexOf('</think>');
  const said = from < '<think>'.length || until < from ? '' : text.slice(from, until);
  if (said.length > right.length) return 0;
  return Math.round((10 * right.filter((option, i) => said[i] === option).length) / right.length) / 10;
});

export const format = tagFormat({ between: 'any', after: 'any', once: false, nested: true });
/** 1 for the right answer in the format: nothing before `<think>`. */
export const outcome = all({
  format,
  answer: exact({ from: 'tag' }),
});
/** The same on the poisoned questions alone, for the page. */
const onPoisoned = lift(function onPoisoned(sample, context) {
  if (sample.task.domain !== 'poisoned') return noVerdict('unsupported', 'a sound question');
  return (outcome.score([sample], context) as readonly Verdict[])[0]!;
});
const steps = 200;
/**
 * The paper's weight is 0.3. What a fooled judge pays must tempt: more than the half of the answers that honest thinking gets
 * right where nobody can know better. Fading by a factor e over the run is the paper's.
 */
const alpha = 0.65;
const fading = exponential({ from: alpha, constant: steps });
/** Outcome and thinking, joined as in one of the arms. */
export const joined = (options: TrustOptions, thinking: RewardLike = judge) =>
  trust({ outcome, thinking }, options);

export const base = {
  paper: 'sophiavl-r1',
  engine: embedded({
    layers: 1,
    width: 32,
    heads: 4,
    context: 20,
    tokenizer: {
      kind: 'vocabulary',
      entries: [
        ...options,
        ...letters,
        ...soundKinds,
        ...poisonedKinds,
        ...noise,
        ...Object.values(marks),
        flourish,
        ':',
        '<think>',
        '</think>',
        '<answer>',
        '</answer>',
      ],
    },
  }),
  warmStart: { steps: 160, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  success: { part: 'outcome', atLeast: 1 },
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.2 }),
  // One learning rate for all arms, tuned for none of them; docs/reproductions/sophiavl-r1.md has a sweep.
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
  groups: 8,
  samples: 16,
  steps,
  sampling: { maxTokens: 8, temperature: 1 },
} satisfies Partial<RecipeOptions>;

export default recipe({
  ...base,
  name: 'sophiavl-r1',
  summary: 'a judge of the thinking that is fooled on a quarter of the questions: trust and annealing',
  tasks: choiceTasks({
    poisoned: 0.25,
    asked: 1,
    open: { sound: 1, poisoned: 2 },
    informed: { sound: 0.5, poisoned: 1 },
    showy: { sound: 0.1, poisoned: 0.4 },
    train: 2000,
    evaluate: 400,
    demonstrations: 2000,
  }),
  reward: joined({ alpha: fading }),
  evaluation: { every: 0, reward: weighted({ outcome, poisoned: [onPoisoned, 0] }) },
  arms: {
    annealing: { reward: joined({ alpha: fading, trusted: false }) },
    thinking: { reward: joined({ alpha, trusted: false }) },
    outcome: { reward: joined({ alpha: 0 }) },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'thinking', direction: 'higher' },
    // Annealing alone finds back once the judge has faded; trust keeps it from going astray.
    { arm: 'main', over: 'annealing', direction: 'higher', metric: 'mean.solveRate' },
    { arm: 'thinking', over: 'annealing', direction: 'notHigher', by: 0.05 },
  ],
});
