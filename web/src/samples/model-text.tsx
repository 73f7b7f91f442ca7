/** A text that a model wrote: text nodes only, isolated, controls made visible, long ones cut until asked for. */
import { useMemo, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { type Mark, segments } from './segments.ts';

const shownAtFirst = 3000;
const shownAtOnce = 60_000;
const noMarks: readonly Mark[] = [];

export interface ModelTextProps {
  readonly text: string;
  readonly marks?: readonly Mark[];
  /** Full colour stands for this value. */
  readonly scale?: number;
  /** Code points of the whole text, where `text` is only its beginning; and how to get the rest. */
  readonly whole?: number;
  readonly more?: () => void;
}

export function ModelText({ text, marks = noMarks, scale = 1, whole, more }: ModelTextProps) {
  const [shown, setShown] = useState(shownAtFirst);
  const cut = text.length > shown;
  const pieces = useMemo(() => {
    // Never between the halves of a surrogate pair.
    let end = Math.min(text.length, shown);
    if (end < text.length && /[\udc00-\udfff]/.test(text[end]!)) end--;
    return segments(
      text.slice(0, end),
      marks.filter(({ start }) => start < end),
    );
  }, [text, shown, marks]);
  const left = (whole ?? text.length) - Math.min(shown, text.length);
  return (
    <>
      <div class="text" dir="auto">
        {pieces.map((piece, i) => (
          <Piece key={i} piece={piece} scale={scale} />
        ))}
        {text === '' && <span class="muted">(empty)</span>}
      </div>
      {(cut || left > 0) && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            setShown((n) => (n === shownAtFirst ? shownAtOnce : n + shownAtOnce));
            if (shown + shownAtOnce > text.length && more) more();
          }}
        >
          Show more: {count(left, 'character')} left
        </button>
      )}
      {shown > shownAtFirst && !cut && left <= 0 && text.length > shownAtFirst && (
        <button type="button" class="button small" onClick={() => setShown(shownAtFirst)}>
          Show less
        </button>
      )}
    </>
  );
}

function Piece({ piece, scale }: { piece: ReturnType<typeof segments>[number]; scale: number }) {
  const { text, mark, control } = piece;
  const inner =
    control === undefined ? (
      text
    ) : (
      <span class="control" title="a character that cannot be seen">
        {control}
      </span>
    );
  if (!mark) return <>{inner}</>;
  const { kind, value, title } = mark;
  if (kind === 'match') return <mark>{inner}</mark>;
  if (kind === 'answer')
    return (
      <span class="answer-mark" title={title}>
        {inner}
      </span>
    );
  const share = Math.min(1, Math.abs(value ?? 0) / scale);
  return (
    <span
      class={`credit ${value === null ? 'silent' : value > 0 ? 'plus' : value < 0 ? 'minus' : 'zero'}`}
      style={{ '--share': `${Math.round(8 + 34 * share)}%` }}
      title={title}
    >
      {inner}
    </span>
  );
}
