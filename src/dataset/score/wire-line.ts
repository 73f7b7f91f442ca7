import { toWire, type Verdict } from '../../core/index.ts';
import type { ScoredRow } from './score-rows.ts';

/**
 * A scored row as a line of JSON: `{ id, …wire verdict }`. A group is `{ id, reward: […], verdicts: [wire verdict, …] }`,
 * one a completion in order.
 */
export function wireLine(scored: ScoredRow): string {
  const id = typeof scored.id === 'number' ? `{"id":${scored.id}` : `{"id":${JSON.stringify(scored.id)}`;
  if (!scored.isGroup) return `${id},${wireFields(scored.verdicts[0]!, scored, 0)}}\n`;
  const rewards = scored.verdicts.map(({ value }) => value);
  const verdicts = scored.verdicts.map((verdict, i) => `{${wireFields(verdict, scored, i)}}`);
  return `${id},"reward":${JSON.stringify(rewards)},"verdicts":[${verdicts.join(',')}]}\n`;
}

/** The fields of a wire verdict. Written by hand for the usual verdict, which is most of the time of a short row. */
function wireFields(verdict: Verdict, { samples }: ScoredRow, i: number): string {
  const { value, cause, reason, answer } = verdict;
  if (verdict.parts !== undefined || verdict.spans !== undefined || verdict.confidence !== undefined) {
    const texts = samples[i]!.turns.map(({ completion }) => completion.text);
    return JSON.stringify(toWire(verdict, texts)).slice(1, -1);
  }
  let line = `"reward":${value}`;
  if (cause !== undefined) line += `,"cause":"${cause}"`;
  if (reason !== undefined) line += `,"reason":${JSON.stringify(reason)}`;
  if (answer !== undefined) line += `,"answer":${JSON.stringify(answer)}`;
  return line;
}
