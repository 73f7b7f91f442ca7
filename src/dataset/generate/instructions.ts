import { z } from 'zod';
import { parseOptions, type Random, stream, type Task, type TaskSource } from '../../core/index.ts';
import { generateInstructions } from '../../verify/instructions/generate/generate.ts';
import { drawSplits } from './split.ts';

const instructionSchema = z.object({
  train: z.int().min(1).default(1000),
  evaluate: z.int().min(1).default(200),
  /** Drawn from the training prompts, each with its constructed answer. */
  demonstrations: z.int().min(0).default(0),
  /** How many instructions a prompt has. */
  least: z.int().min(1).max(8).default(1),
  most: z.int().min(1).max(8).default(4),
  seed: z.int().default(0),
});

/**
 * Prompts with one or more verifiable instructions that can hold together, in the format of IFEval's rows. Verified by
 * `instructions`. No prompt is in both splits.
 */
export function instructionTasks(options: z.input<typeof instructionSchema> = {}): TaskSource {
  const parsed = parseOptions(instructionSchema, options, "tasks 'instructions'");
  return {
    name: 'instructions',
    version: '1',
    options: parsed,
    load: async () => {
      const answers = new Map<string, string>();
      const draw = (random: Random): Task => {
        const count = parsed.least + random.integer(Math.max(1, parsed.most - parsed.least + 1));
        const made = generateInstructions(random.bits(), 0, { instructions: count });
        answers.set(made.prompt, made.answer);
        return {
          id: made.prompt,
          prompt: made.prompt,
          domain: 'instructions',
          data: {
            instruction_id_list: made.instructions.map(({ id }) => id),
            kwargs: made.instructions.map(({ parameters }) => parameters as { [name: string]: string }),
          },
        };
      };
      const random = stream(parsed.seed, 'instructions');
      const { train, evaluate } = drawSplits(draw, parsed, random, 'instructions');
      const demonstrations = shown(random, train, parsed.demonstrations).map((task) => ({
        prompt: task.prompt,
        completion: answers.get(task.id)!,
      }));
      return { train, evaluate, demonstrations };
    },
  };
}

function shown(random: Random, train: readonly Task[], count: number): Task[] {
  return random
    .fork('demonstrations')
    .shuffle([...train])
    .slice(0, count);
}

const tinySchema = z.object({
  train: z.int().min(1).default(1000),
  evaluate: z.int().min(1).default(200),
  demonstrations: z.int().min(0).default(200),
  /** The letters that a response is made of. */
  alphabet: z.string().min(3).max(26).default('abcdef'),
  longest: z.int().min(3).max(30).default(8),
  seed: z.int().default(0),
});

/** What stands in a prompt of `tinyInstructionTasks` besides digits and letters. */
export const tinyMarks = '-!^$:';

/**
 * `3-5!ab^c$d:` asks for three to five letters, none of them a or b, starting with c and ending with d. Each of the four
 * parts is there or not, but never none; all of them can hold together. Verified by
 * `instructions({ constraints: tinyConstraints })`.
 */
export function tinyInstructionTasks(options: z.input<typeof tinySchema> = {}): TaskSource {
  const parsed = parseOptions(tinySchema, options, "tasks 'tiny-instructions'");
  return {
    name: 'tiny-instructions',
    version: '1',
    options: parsed,
    load: async () => {
      const answers = new Map<string, string>();
      const draw = (random: Random): Task => {
        const { task, answer } = tinyTask(random, parsed.alphabet, parsed.longest);
        answers.set(task.id, answer);
        return task;
      };
      const random = stream(parsed.seed, 'tiny-instructions');
      const { train, evaluate } = drawSplits(draw, parsed, random, 'tiny-instructions');
      const demonstrations = shown(random, train, parsed.demonstrations).map((task) => ({
        prompt: task.prompt,
        completion: answers.get(task.id)!,
      }));
      return { train, evaluate, demonstrations };
    },
  };
}

function tinyTask(random: Random, alphabet: string, longest: number): { task: Task; answer: string } {
  const letters = random.shuffle([...alphabet]);
  const forbidden = letters.slice(0, 1 + random.integer(Math.max(1, letters.length - 2)));
  const allowed = letters.slice(forbidden.length);
  const least = 2 + random.integer(longest - 1);
  const most = Math.min(longest, least + random.integer(3));
  const start = random.pick(allowed);
  const end = random.pick(allowed);
  const asked: [string, string, { [name: string]: string | number }][] = [
    [`${least}-${most}`, 'tiny:length', { least, most }],
    [`!${[...forbidden].sort().join('')}`, 'tiny:without', { letters: [...forbidden].sort().join('') }],
    [`^${start}`, 'tiny:start', { text: start }],
    [`$${end}`, 'tiny:end', { text: end }],
  ];
  const present = asked.map(() => random.integer(4) > 0);
  present[random.integer(asked.length)] = true;
  const kept = asked.filter((_, i) => present[i]);
  const prompt = `${kept.map(([mark]) => mark).join('')}:`;
  const middle = Array.from({ length: least - 2 }, () => random.pick(allowed)).join('');
  return {
    answer: start + middle + end,
    task: {
      id: prompt,
      prompt,
      domain: 'tiny-instructions',
      data: {
        instruction_id_list: kept.map(([, id]) => id),
        kwargs: kept.map(([, , parameters]) => parameters),
      },
    },
  };
}
