import type { z } from 'zod';

/** What a check says of one text; the reason is one line that a person can read, whether it holds or not. */
export interface Outcome {
  readonly ok: boolean;
  readonly reason: string;
}

/** One checkable kind of instruction: its id, what parameters it takes, and the check of a text. */
export interface Constraint {
  readonly id: string;
  readonly schema: z.ZodObject;
  /** `parameters` as the schema returned them. Pure, never throws for a text, linear in its length. */
  check(text: string, parameters: unknown): Outcome;
}

/**
 * Defines a constraint. The check may answer with a plain boolean; a reason is better:
 *
 *     const rhymes = constraint('poem:lines', z.object({ lines: z.int().min(1) }), (text, { lines }) => {
 *       const found = text.split('\n').filter((line) => line.trim() !== '').length;
 *       return { ok: found === lines, reason: `has ${found} lines, ${lines} asked` };
 *     });
 *     const reward = instructions({ constraints: [rhymes] });
 */
export function constraint<S extends z.ZodObject>(
  id: string,
  schema: S,
  check: (text: string, parameters: z.output<S>) => Outcome | boolean,
): Constraint {
  return {
    id,
    schema,
    check: (text, parameters) => {
      const outcome = check(text, parameters as z.output<S>);
      if (typeof outcome !== 'boolean') return outcome;
      return { ok: outcome, reason: outcome ? 'holds' : 'does not hold' };
    },
  };
}
