import { defineReward } from '../../core/registry.ts';
import { finalText } from '../../core/sample.ts';
import { noVerdict, type Verdict, verdict } from '../../core/verdict.ts';
import { conclusion, extractAnswer } from './extract.ts';
import { judge } from './judge.ts';
import { type MathOptions, mathOptions } from './options.ts';

/** Raised with every change that changes verdicts. */
export const mathVersion = '1.0.0';

/** Operations for one pair; a lower budget of the context wins. */
const mostFuel = 200_000;

/** Evidence by numbers at several points, without a proof. */
const evidence = 0.99;

/**
 * Whether a completion's answer equals a reference answer, mathematically. 1 or 0; no verdict (`reference`) when the
 * reference is empty, unreadable or undecidable. Convention, options and limits: docs/verifiers/math.md.
 */
export const math = defineReward({
  name: 'math',
  version: mathVersion,
  summary: 'equivalence of a mathematical answer with the reference: exact, typed, bounded',
  source:
    'own; conventions in docs/verifiers/math.md; used by bnpo, capo, copo, grpo-lambda, kdrl, pitfalls-verifiers, simplerl-zoo and others',
  options: mathOptions,
  examples: [
    { completion: 'So the answer is \\boxed{\\frac{1}{2}}.', answer: '0.5', value: 1 },
    { completion: '\\boxed{x \\ge 2}', answer: '[2, \\infty)', value: 1 },
    { completion: '\\boxed{3.14}', answer: '\\pi', value: 0 },
    { completion: 'The answer is 42.', answer: '42', options: { extraction: 'strict' }, value: 0 },
  ],
  create: (options) => (sample, context) => {
    const gold = referenceText(sample.task.answer);
    if (gold === undefined)
      return noVerdict('reference', 'the task has no reference answer (a text or a number)');
    return scoreMath(finalText(sample), gold, options, context.fuel);
  },
});

function referenceText(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  return typeof answer === 'number' && Number.isFinite(answer) ? String(answer) : undefined;
}

/** The verdict on a completion's text against a reference's text: what the reward `math` computes. */
export function scoreMath(
  completion: string,
  reference: string,
  options: MathOptions,
  fuel = mostFuel,
): Verdict {
  const found = extractAnswer(completion, options.extraction);
  if ('none' in found) return verdict(0, found.none);
  const gold = extractAnswer(
    reference,
    reference.includes('\\boxed') || reference.includes('####') ? 'lax' : 'none',
  );
  if ('none' in gold) return noVerdict('reference', `the reference: ${gold.none}`);
  const budget = Math.min(fuel, mostFuel);
  let read = found;
  let judged = judge(gold.text, found.text, options, budget);
  if (judged.equal === false && found.how === 'whole' && options.extraction === 'lax') {
    // Prose without a stated answer: what its last sentence concludes.
    const end = conclusion(completion, found.start, found.end);
    const again = end && judge(gold.text, end.text, options, budget);
    if (end && again?.equal) {
      judged = again;
      read = end;
    }
  }
  const at = { start: read.start, end: read.end };
  if (judged.equal === undefined) return noVerdict('reference', judged.reason, { at });
  const confidence = judged.proved ? 1 : evidence;
  return verdict(
    judged.equal ? 1 : 0,
    judged.reason,
    judged.answer === undefined ? { at, confidence } : { at, confidence, answer: judged.answer },
  );
}
