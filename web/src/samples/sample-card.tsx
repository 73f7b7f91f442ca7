/** One sample: what was said, what the verdict says of it and why, and what it teaches. */
import { useMemo, useState } from 'preact/hooks';
import { apiUrl, runPath, type Sample, type SampleAnswer, type Verdict } from '../api.ts';
import { get } from '../client.ts';
import { number, signed } from '../format.ts';
import { Badge } from '../ui/parts.tsx';
import { ModelText } from './model-text.tsx';
import { marksOf } from './segments.ts';

export interface SampleCardProps {
  readonly run: string;
  readonly sample: Sample;
  readonly colouring: string;
  readonly scale: number;
  readonly current: boolean;
  readonly choose: () => void;
}

export function SampleCard({ run, sample, colouring, scale, current, choose }: SampleCardProps) {
  const [whole, setWhole] = useState<Sample>();
  const [failed, setFailed] = useState('');
  const shown = whole ?? sample;
  const { verdict, advantages, turns, position, step, split } = shown;
  const marks = useMemo(() => turns.map((_, t) => marksOf(shown, t, colouring)), [shown, colouring]);
  const more = (): void => {
    get<SampleAnswer>(apiUrl(`${runPath(run)}/sample`, { step, position, split })).then(
      (answer) => setWhole(answer.sample),
      (thrown: Error) => setFailed(thrown.message),
    );
  };
  return (
    <article
      class={`sample${current ? ' current' : ''}`}
      id={`sample-${position}`}
      tabIndex={-1}
      aria-label={`Sample ${position}: ${verdictWords(verdict)}`}
      onFocus={current ? undefined : choose}
    >
      <header>
        <VerdictValue verdict={verdict} />
        <span class="sample-facts">
          {Object.entries(advantages).map(([term, value]) => (
            <span key={term} title={`advantage, term '${term}'`}>
              A {term === 'policy' ? '' : `${term} `}
              <b class={value === null ? '' : value > 0 ? 'good-text' : value < 0 ? 'bad-text' : ''}>
                {signed(value)}
              </b>
            </span>
          ))}
          {shown.length !== null && <span>{number(shown.length)} tokens</span>}
          <FinishBadge finish={turns.at(-1)?.finish ?? null} />
        </span>
        <span class="muted place">#{position}</span>
      </header>
      {verdict?.reason !== undefined && (
        <p class="reason">
          <bdi>{verdict.reason}</bdi>
        </p>
      )}
      {verdict?.parts && <Parts parts={verdict.parts} />}
      {turns.map((turn, t) => (
        <div key={t} class="turn">
          {turns.length > 1 && <h3>Turn {t + 1}</h3>}
          {turn.context && t > 0 && (
            <details>
              <summary>What the policy saw</summary>
              <ModelText text={turn.context.text} whole={turn.context.length} />
            </details>
          )}
          <ModelText
            text={turn.completion.text}
            marks={marks[t]}
            scale={scale}
            whole={turn.completion.length}
            more={turn.completion.cut ? more : undefined}
          />
          {turn.observation && (
            <div class="observation">
              <span class="muted">World</span>
              <ModelText
                text={turn.observation.text}
                whole={turn.observation.length}
                more={turn.observation.cut ? more : undefined}
              />
            </div>
          )}
        </div>
      ))}
      {failed !== '' && (
        <p role="alert" class="bad-text">
          {failed}
        </p>
      )}
    </article>
  );
}

function verdictWords(verdict: Verdict | null): string {
  if (!verdict) return 'not scored';
  return verdict.value === null
    ? `no verdict (${verdict.cause ?? 'unknown cause'})`
    : `reward ${number(verdict.value)}`;
}

/** A value, or no verdict with its cause: never drawn as a zero. */
export function VerdictValue({ verdict }: { verdict: Verdict | null }) {
  if (!verdict) return <Badge>not scored</Badge>;
  if (verdict.value === null)
    return (
      <Badge tone="silent" title="The checker's side could not say: left out of means and of the gradient">
        ∅ no verdict: {verdict.cause ?? 'unknown'}
      </Badge>
    );
  return <b class="reward-value">{number(verdict.value)}</b>;
}

export function FinishBadge({ finish }: { finish: string | null }) {
  if (finish === null || finish === 'stop') return <span class="muted">stop</span>;
  return (
    <Badge tone="warn" title={finish === 'length' ? 'It hit the token limit' : undefined}>
      {finish}
    </Badge>
  );
}

function Parts({ parts }: { parts: NonNullable<Verdict['parts']> }) {
  return (
    <table class="parts">
      <tbody>
        {partRows(parts, 0).map(({ path, name, depth, part }) => (
          <tr key={path}>
            <th scope="row" data-depth={depth}>
              <bdi>{name}</bdi>
            </th>
            <td class="num">
              {part.value === null ? <Badge tone="silent">∅ {part.cause ?? ''}</Badge> : number(part.value)}
            </td>
            <td class="muted">
              <bdi>{part.reason ?? ''}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Deeper parts than a person would look at are left to the export. */
const deepest = 4;

function partRows(
  parts: NonNullable<Verdict['parts']>,
  depth: number,
  above = '',
): { path: string; name: string; depth: number; part: Verdict }[] {
  return Object.entries(parts).flatMap(([name, part]) => {
    const path = `${above}/${name}`;
    return [
      { path, name, depth, part },
      ...(depth < deepest && part.parts ? partRows(part.parts, depth + 1, path) : []),
    ];
  });
}
