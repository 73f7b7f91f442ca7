import { z } from 'zod';
import type { AnyRewardFactory, Reward } from '../core/index.ts';
import {
  all,
  allSchema,
  any,
  anySchema,
  cascade,
  cascadeSchema,
  first,
  vote,
  voteSchema,
} from '../shape/index.ts';
import { compositeBy, exactly, parts, partsNamed } from './composite.ts';

/** The cascades as the catalogue has them: their parts are specs. */
export function combinedBy(build: (spec: unknown) => Reward): AnyRewardFactory[] {
  const define = compositeBy(build);
  return [
    define(
      {
        name: 'first',
        summary: 'the first of several rewards that gives a verdict decides',
        options: z.object({ parts }),
        examples: [
          {
            completion: 'seven',
            answer: 'seven',
            options: { parts: { number: 'number', text: 'exact' } },
            value: 1,
          },
        ],
      },
      (built) => first(built),
    ),
    define(
      {
        name: 'any',
        summary: 'the greatest value of several rewards',
        source: 'search-gen-v (exact match or verifier)',
        options: z.object({
          parts,
          ...anySchema.shape,
        }),
        examples: [
          {
            completion: 'It is 7.',
            answer: '7',
            options: { parts: { text: 'exact', number: 'number' } },
            value: 1,
          },
        ],
      },
      (built, { top }) => any(built, { top }),
    ),
    define(
      {
        name: 'all',
        summary: 'the least value of several rewards: all must hold',
        source: 'autotriton (conjunction)',
        options: z.object({
          parts,
          ...allSchema.shape,
        }),
        examples: [
          {
            completion: 'It is 7.',
            answer: '7',
            options: { parts: { number: 'number', short: 'length?max=2' } },
            value: 0,
          },
        ],
      },
      (built, { bottom }) => all(built, { bottom }),
    ),
    define(
      {
        name: 'vote',
        summary: 'the majority of several rewards, each a yes or a no',
        options: z.object({
          parts,
          ...voteSchema.shape,
        }),
        examples: [
          {
            completion: 'Paris.',
            answer: 'Paris',
            options: { parts: { exact: 'exact', qa: 'qa', near: 'levenshtein' } },
            value: 1,
          },
        ],
      },
      (built, { threshold, tie, quorum }) => vote(built, { threshold, tie, quorum }),
    ),
    define(
      {
        name: 'cascade',
        summary: 'a rule first; a second reward only where it rejects or cannot tell, behind a guard',
        source:
          'Pitfalls of rule- and model-based verifiers (hybrid verifier); wethink; noisy-verifier-corrections',
        options: z.object({
          parts: partsNamed('first and second, the rule and the reward that it appeals to'),
          ...cascadeSchema.shape,
          guard: z.boolean().default(true).describe('non-answers never reach the second'),
        }),
        examples: [
          {
            completion: 'the city of Paris',
            answer: 'Paris',
            options: { parts: { first: 'exact', second: 'qa' } },
            value: 1,
          },
          {
            completion: 'Solution',
            answer: 'Solution',
            options: { parts: { first: 'number', second: 'exact' } },
            value: 0,
          },
        ],
      },
      (built, { guard, parts: _, ...options }) => {
        const { first: rule, second } = exactly('cascade', built, 'first', 'second');
        return cascade(rule, second, guard ? options : { ...options, guard: null });
      },
    ),
  ];
}
