import type { Random } from '../../../core/random.ts';
import { stream } from '../../../core/random.ts';
import { evaluate, type Instruction } from '../evaluate.ts';
import { newDraft, render } from './draft.ts';
import { type Family, families, type Plan, requests } from './families.ts';

/** A prompt with verifiable instructions that can hold together, shown by a response in which they do. */
export interface GeneratedPrompt {
  readonly prompt: string;
  readonly instructions: readonly Instruction[];
  /** Satisfies all instructions, strictly. */
  readonly answer: string;
  /** For each instruction the answer with a small change that breaks it and no other. */
  readonly breaches: readonly string[];
}

export interface GenerateOptions {
  /** How many instructions a prompt has; fewer where they do not fit together. Default 3. */
  readonly instructions?: number;
  /** Only these ids; all families when left out. */
  readonly ids?: readonly string[];
}

/** The ids that can be asked for. */
export const generatedIds: readonly string[] = families.map(({ id }) => id);

const attempts = 60;

/**
 * A prompt of so many instructions by seed and index: the same ones give the same prompt. Each is checked before it is
 * given out: the answer satisfies every instruction, and each breach fails exactly its own. Throws RangeError for an id
 * that no family has.
 */
export function generateInstructions(
  seed: string | number,
  index: number,
  options: GenerateOptions = {},
): GeneratedPrompt {
  const { instructions = 3, ids } = options;
  const chosen = ids === undefined ? families : ids.map(familyOf);
  const random = stream(seed, 'instructions', index);
  for (let wanted = Math.max(1, instructions); wanted >= 1; wanted--)
    for (let attempt = 0; attempt < attempts; attempt++) {
      const made = attemptOne(random.fork(wanted, attempt), chosen, wanted);
      if (made) return made;
    }
  throw new RangeError('no instruction of the chosen ids could be satisfied');
}

function familyOf(id: string): Family {
  const family = families.find((one) => one.id === id);
  if (!family) throw new RangeError(`no prompts can be generated for '${id}'`);
  return family;
}

function attemptOne(random: Random, from: readonly Family[], wanted: number): GeneratedPrompt | undefined {
  const asked = compatible(random, from, wanted);
  if (asked.length < wanted) return undefined;
  const plans = asked.map((family): [string, Plan] => [family.id, family.plan(random.fork(family.id))]);
  const request = random.pick(requests);
  const draft = newDraft(random);
  if (asked.some(({ id }) => id === 'combination:repeat_prompt')) draft.request = request;
  for (const [, plan] of plans) plan.place(draft);
  const answer = render(draft);
  const instructions = plans.map(([id, plan]): Instruction => ({ id, parameters: plan.parameters(answer) }));
  if (evaluate(answer, instructions).some(({ value }) => value !== 1)) return undefined;
  const breaches: string[] = [];
  for (const [i, [id, plan]] of plans.entries()) {
    const copy = structuredClone(draft);
    plan.spoil(copy, random.fork('spoil', id));
    const breach = render(copy);
    const held = evaluate(breach, instructions);
    if (!held.every(({ value }, k) => value === (k === i ? 0 : 1))) return undefined;
    breaches.push(breach);
  }
  const lines = plans.map(([, plan], i) => `- ${plan.ask(instructions[i]!.parameters as never)}`);
  return { prompt: `${request}\n\n${lines.join('\n')}`, instructions, answer, breaches };
}

function compatible(random: Random, from: readonly Family[], wanted: number): Family[] {
  const chosen: Family[] = [];
  for (const family of random.shuffle([...from])) {
    if (chosen.length === wanted) break;
    if (chosen.some((one) => one.against.includes(family.id) || family.against.includes(one.id))) continue;
    chosen.push(family);
  }
  return chosen;
}
