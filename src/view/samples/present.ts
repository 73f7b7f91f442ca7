import type {
  ContentPart,
  Json,
  Prompt,
  Task as StoredTask,
  Verdict as StoredVerdict,
} from '../../core/index.ts';
import type { StoredSample, StoredTurn } from '../../store/index.ts';
import type { Sample, Task, Text, Turn, Verdict } from '../api.ts';
import { finite } from '../metrics.ts';
import { codePointCounter, cutText } from './texts.ts';

/** Of an observation and other texts beside the completion, and of a task's data as JSON. */
const sideChars = 20_000;
/** Parts within parts; a verdict of a stored file may be anything. */
const deepestParts = 20;
const mostSpans = 5000;
const mostCredit = 20_000;

/** A stored sample for the page: texts cut at `chars`, offsets in code points. */
export function presentSample(stored: StoredSample, chars: number): Sample {
  return {
    step: stored.step,
    split: stored.split,
    group: stored.group,
    position: stored.position,
    id: stored.id,
    turns: stored.turns.map((turn, i) => presentTurn(stored, turn, i, chars)),
    length: stored.length ?? null,
    verdict: stored.verdict ? presentVerdict(stored.verdict, textsOf(stored)) : null,
    advantages: Object.fromEntries(Object.entries(stored.advantages).map(([name, v]) => [name, finite(v)])),
    logprob: stored.logprob ?? null,
  };
}

const textsOf = ({ turns }: StoredSample) => turns.map(({ text }) => text);

function presentTurn(stored: StoredSample, turn: StoredTurn, place: number, chars: number): Turn {
  const credit = Object.entries(stored.credit ?? {}).flatMap(([term, turns]) => {
    const runs = turns[place];
    if (!runs) return [];
    const by: 'text' | 'token' = turn.noOffsets ? 'token' : 'text';
    const toPoint = by === 'text' ? codePointCounter(turn.text) : (offset: number) => offset;
    const at = runs
      .slice(0, mostCredit)
      .map(([offset, value]): [number, number | null] => [toPoint(offset), finite(value)]);
    return [[term, { by, at: by === 'text' ? at.filter(([offset]) => offset < chars) : at }] as const];
  });
  return {
    context: turn.context === undefined ? null : cutText(promptLines(turn.context), chars),
    completion: cutText(turn.text, chars),
    finish: turn.finish,
    length: turn.length ?? null,
    observation:
      turn.observation === undefined ? null : cutText(turn.observation, Math.max(chars, sideChars)),
    rewards: turn.rewards ?? null,
    credit: credit.length > 0 ? Object.fromEntries(credit) : null,
  };
}

function presentVerdict(from: StoredVerdict, texts: readonly string[], depth = 0): Verdict {
  const { value, cause, reason, answer, at, confidence, reward, version, spans, parts } = from;
  const last = codePointCounter(texts.at(-1) ?? '');
  return {
    value: finite(value),
    cause,
    reason,
    answer: answer?.slice(0, sideChars),
    at: at && { start: last(at.start), end: last(at.end) },
    confidence,
    reward,
    version,
    spans: spans?.slice(0, mostSpans).map((span) => {
      const toPoint = codePointCounter(texts[span.turn ?? 0] ?? '');
      return { ...span, start: toPoint(span.start), end: toPoint(span.end), value: finite(span.value) };
    }),
    parts:
      parts && depth < deepestParts
        ? Object.fromEntries(
            Object.entries(parts).map(([name, part]) => [name, presentVerdict(part, texts, depth + 1)]),
          )
        : undefined,
  };
}

export function presentTask(task: StoredTask, chars: number): Task {
  const { id, prompt, answer, domain, difficulty, data } = task;
  return {
    id,
    prompt: promptOf(prompt, chars),
    answer: short(answer),
    domain: domain ?? null,
    difficulty: finite(difficulty),
    data: short(data),
  };
}

export const promptOf = (prompt: unknown, chars: number): Text => cutText(promptLines(prompt), chars);

/** All that the policy said and was answered in a sample, turn by turn: what a text search looks through. */
export function saidText(turns: readonly StoredTurn[]): string {
  return turns.map(({ text, observation }) => (observation ? `${text}\n${observation}` : text)).join('\n');
}

/** A prompt as text: messages with their roles, pictures named. Whatever else was stored is shown as JSON. */
export function promptLines(prompt: unknown): string {
  if (typeof prompt === 'string') return prompt;
  if (!Array.isArray(prompt)) return JSON.stringify(prompt) ?? '';
  return (prompt as Exclude<Prompt, string>)
    .map((message) => {
      if (typeof message !== 'object' || message === null) return JSON.stringify(message);
      const { role, content } = message;
      const text =
        typeof content === 'string'
          ? content
          : Array.isArray(content)
            ? content.map(partText).join('')
            : JSON.stringify(content);
      return prompt.length === 1 && role === 'user' ? text : `${role}: ${text}`;
    })
    .join('\n');
}

function partText(part: ContentPart): string {
  if (part?.type === 'text') return part.text;
  if (part?.type === 'image') return `[picture${part.path === undefined ? '' : ` ${part.path}`}]`;
  return part?.type === 'features' ? '[features]' : JSON.stringify(part);
}

/** JSON as it is, or the beginning of its text where it is huge. */
function short(value: Json | undefined): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length <= sideChars ? value : `${text.slice(0, sideChars)}…`;
}
