/** What the page of test/browser.test.ts runs: every example of every rule-based reward, and what came out. */
import { type AnyRewardFactory, callReward, scoringContext, textSample } from '../src/core/index.ts';
import * as verify from '../src/verify/index.ts';

export interface ExampleOutcome {
  readonly reward: string;
  readonly example: number;
  readonly value: number | null;
  readonly cause?: string;
  readonly reason?: string;
}

export async function runExamples(): Promise<ExampleOutcome[]> {
  const outcomes: ExampleOutcome[] = [];
  const factories = Object.values(verify as unknown as Record<string, unknown>)
    .filter((one): one is AnyRewardFactory => typeof one === 'function' && 'definition' in one)
    .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  for (const factory of factories) {
    const { name, examples } = factory.definition;
    for (const [i, { prompt = '', completion, answer, data, options }] of examples.entries()) {
      const sample = textSample({ id: '1', prompt, answer, data }, completion);
      const [verdict] = await callReward(factory(options as never), [sample], scoringContext());
      const { value, cause, reason } = verdict!;
      outcomes.push({ reward: name, example: i, value, cause, reason });
    }
  }
  return outcomes;
}
