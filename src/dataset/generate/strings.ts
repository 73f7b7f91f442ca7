import { z } from 'zod';
import {
  parseOptions,
  promptText,
  type Random,
  stream,
  type Task,
  type TaskSource,
} from '../../core/index.ts';
import { drawSplits } from './split.ts';

const counts = {
  train: z.number().int().min(1).default(4000),
  evaluate: z.number().int().min(1).default(500),
  /** Drawn from the training problems. */
  demonstrations: z.number().int().min(0).default(400),
  seed: z.number().int().default(0),
};

/** A task source whose answer is a text that the policy must say exactly. */
function answerTasks(
  name: string,
  options: { train: number; evaluate: number; demonstrations: number; seed: number },
  draw: (random: Random) => { prompt: string; answer: string },
): TaskSource {
  return {
    name,
    version: '1',
    options,
    load: async () => {
      const random = stream(options.seed, name);
      const one = (from: Random): Task => {
        const { prompt, answer } = draw(from);
        return { id: prompt, prompt, answer, domain: name };
      };
      const { train, evaluate } = drawSplits(one, options, random, name);
      const shown = random
        .fork('demonstrations')
        .shuffle([...train])
        .slice(0, options.demonstrations);
      return {
        train,
        evaluate,
        demonstrations: shown.map(({ prompt, answer }) => ({
          prompt: promptText(prompt),
          completion: String(answer),
        })),
      };
    },
  };
}

const arithmeticSchema = z.object({
  ...counts,
  /** How many numbers are joined. */
  terms: z.number().int().min(2).max(6).default(2),
  /** Numbers lie in 0 to this. */
  largest: z.number().int().min(1).max(999_999).default(99),
  operators: z
    .array(z.enum(['+', '-', '*']))
    .min(1)
    .default(['+', '-']),
});

/** `37-12=` → `25`: whole numbers joined by operators, products before sums. Verified by `number`. */
export function arithmeticTasks(options: z.input<typeof arithmeticSchema> = {}): TaskSource {
  const parsed = parseOptions(arithmeticSchema, options, "tasks 'arithmetic'");
  return answerTasks('arithmetic', parsed, (random) => {
    const numbers = Array.from({ length: parsed.terms }, () => random.integer(parsed.largest + 1));
    const operators = Array.from({ length: parsed.terms - 1 }, () => random.pick(parsed.operators));
    // Products bind first: runs of * are one term of the sum.
    let sum = 0;
    let product = numbers[0]!;
    let sign = 1;
    operators.forEach((operator, i) => {
      const next = numbers[i + 1]!;
      if (operator === '*') product *= next;
      else {
        sum += sign * product;
        product = next;
        sign = operator === '-' ? -1 : 1;
      }
    });
    sum += sign * product;
    return { prompt: `${numbers.map((n, i) => n + (operators[i] ?? '')).join('')}=`, answer: String(sum) };
  });
}

const sortingSchema = z.object({
  ...counts,
  length: z.number().int().min(2).max(50).default(5),
  largest: z.number().int().min(1).max(9999).default(99),
});

/** `31 7 12:` → `7 12 31`. Verified by `exact`. */
export function sortingTasks(options: z.input<typeof sortingSchema> = {}): TaskSource {
  const parsed = parseOptions(sortingSchema, options, "tasks 'sorting'");
  return answerTasks('sorting', parsed, (random) => {
    const numbers = Array.from({ length: parsed.length }, () => random.integer(parsed.largest + 1));
    return { prompt: `${numbers.join(' ')}:`, answer: numbers.toSorted((a, b) => a - b).join(' ') };
  });
}

const reversingSchema = z.object({
  ...counts,
  length: z.number().int().min(2).max(100).default(6),
  alphabet: z.string().min(2).default('abcdefgh'),
});

/** `abca:` → `acba`. Verified by `exact`. */
export function reversingTasks(options: z.input<typeof reversingSchema> = {}): TaskSource {
  const parsed = parseOptions(reversingSchema, options, "tasks 'reversing'");
  const letters = [...parsed.alphabet];
  return answerTasks('reversing', parsed, (random) => {
    const said = Array.from({ length: parsed.length }, () => random.pick(letters));
    return { prompt: `${said.join('')}:`, answer: said.toReversed().join('') };
  });
}
