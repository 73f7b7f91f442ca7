import { exponential, finalText, lift, noVerdict, stream, type Task, type TaskSource, type Verdict } from 'assay/core';
import { grpo } from 'assay/credit';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { all, trust, weighted } from 'assay/shape';
import { recipe } from 'assay/train';
import { exact, tagFormat } from 'assay/verify';

const options = [...'12345678'];
const letters = [...'abcdefgh'];
const soundKinds = [...'ABCDEFGH'];
const poisonedKinds = [...'IJKLMNOPQRSTUVWXYZ'];
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
  /** How many things a sound question asks at once, and a poisoned one. */
  readonly asked: Shares;
  readonly train: number;
  readonly evaluate: number;
  readonly demonstrations: number;
  /** Shares of demonstrations: those that name the right option, a popular wrong one, and those that open with a flourish. */
  readonly informed: Shares;
  readonly misled: Shares;
  readonly showy: Shares;
}

/**
 * `kpi:CA` → `<think>37</think><answer>cg</answer>`: each kind (C, A) has one right option of eight, which only the reward knows; the thought names
 * options by number, the answer by letter; `kpi` says nothing. Demonstrations name
 * a popular wrong option about as often as the right one: like a pretrained model, the policy can do it but often does not. Some of them open with a flourish.
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
      const seen = new Set<string>();
      const draw = (n: number): Task[] => {
        const out: Task[] = [];
        while (out.length < n) {
          const domain = out.length < Math.round(n * given.poisoned) ? 'poisoned' : 'sound';
          const from = domain === 'poisoned' ? poisonedKinds : soundKinds;
          const asked = random.shuffle([...from]).slice(0, given.asked[domain]);
          const prompt = `${marks[domain]}${random.shuffle([...noise]).slice(0, 2).join('')}:${asked.join('')}`;
          if (seen.has(prompt)) continue;
          seen.add(prompt);
          const thought = asked.map((kind) => orders.get(kind)![0]!);
          out.push({ id: prompt, prompt, answer: lettersOf(thought), domain, data: { asked, thought } });
        }
        return random.shuffle(out);
      };
      const evaluate = draw(given.evaluate);
      const train = draw(given.train);
      const demonstrations = train.slice(0, given.demonstrations).map((task) => {
        const domain = task.domain as 'sound' | 'poisoned';
        const said = (task.data!.asked as string[]).map((kind) => {
          const luck = random.next() - given.informed[domain];
          const place = luck < 0 ? 0 : luck < given.misled[domain] ? 1 : 2 + random.integer(options.length - 2);
          return orders.get(kind)![place]!;
        });
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

/** 1 for the right answer in the format: nothing before `<think>`. */
export const outcome = all({
  format: tagFormat({ between: 'any', after: 'any', once: false, nested: true }),
  answer: exact({ from: 'tag' }),
});
/** The same on the poisoned questions alone, for the page. */
const onPoisoned = lift(function onPoisoned(sample, context) {
  if (sample.task.domain !== 'poisoned') return noVerdict('unsupported', 'a sound question');
  return (outcome.score([sample], context) as readonly Verdict[])[0]!;
});
const steps = 200;
/** Weight 0.3, falling by a factor e over the run: the paper's. */
const fading = exponential({ from: 0.5, constant: steps });

export default recipe({
  name: 'sophiavl-r1',
  summary: 'a judge of the thinking that is fooled on a quarter of the questions: trust and annealing',
  paper: 'sophiavl-r1',
  tasks: choiceTasks({
    poisoned: 0.25,
    asked: { sound: 1, poisoned: 1 },
    train: 2000,
    evaluate: 400,
    demonstrations: 2000,
    informed: { sound: 0.6, poisoned: 0.25 },
    misled: { sound: 0.3, poisoned: 0.45 },
    showy: { sound: 0.1, poisoned: 0.4 },
  }),
  engine: embedded({
    layers: 1,
    width: 32,
    heads: 4,
    context: 16,
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
  warmStart: { steps: 120, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: trust({ outcome, thinking: judge }, { alpha: fading }),
  success: { part: 'outcome', atLeast: 1 },
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.2 }),
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
  groups: 8,
  samples: 16,
  steps,
  sampling: { maxTokens: 8, temperature: 1 },
  evaluation: { every: 0, reward: weighted({ outcome, poisoned: [onPoisoned, 0] }) },
  arms: {
    annealing: { reward: trust({ outcome, thinking: judge }, { alpha: fading, trusted: false }) },
    thinking: { reward: trust({ outcome, thinking: judge }, { alpha: 0.5, trusted: false }) },
    outcome: { reward: trust({ outcome, thinking: judge }, { alpha: 0 }) },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'thinking', direction: 'higher' },
    { arm: 'main', over: 'annealing', direction: 'higher' },
  ],
});
