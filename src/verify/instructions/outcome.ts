import { z } from 'zod';
import type { Outcome } from './constraint.ts';

export const relations = ['less than', 'at least'] as const;
export type Relation = (typeof relations)[number];

/** How many are asked for. */
export const count = z.int().min(0);
/** A place in an order, the first is 1. */
export const place = z.int().min(1);
export const relation = z.enum(relations);
export const nonEmpty = z.string().refine((text) => text.trim() !== '', 'must not be empty');
export const words = z.array(nonEmpty).min(1);
export const none = z.object({});

export const outcome = (ok: boolean, reason: string): Outcome => ({ ok, reason });

/** "has 287 words, at least 300 asked". */
export function compared(found: number, asked: Relation, bound: number, what: string): Outcome {
  const ok = asked === 'less than' ? found < bound : found >= bound;
  return { ok, reason: `has ${numbered(found, what)}, ${asked} ${bound} asked` };
}

/** "has 4 bullet points, exactly 5 asked". */
export function exactly(found: number, asked: number, what: string): Outcome {
  return { ok: found === asked, reason: `has ${numbered(found, what)}, exactly ${asked} asked` };
}

function numbered(n: number, what: string): string {
  return `${n} ${n === 1 ? what.replace(/s\b/, '') : what}`;
}

/** A piece of text for a reason: on one line, cut short. */
export function quote(text: string, limit = 40): string {
  const line = text.slice(0, limit + 1).replace(/\s+/g, ' ');
  return line.length > limit || text.length > limit + 1 ? `"${line.slice(0, limit)}…"` : `"${line}"`;
}
