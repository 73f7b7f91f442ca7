/**
 * A list of any length of which only the rows in view are in the page. A list taller than browsers can make an element is
 * scrolled on a smaller scale: the bar goes through all of it, the wheel still moves by rows.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const tallest = 8_000_000;
const spare = 6;

export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  readonly current: number;
  readonly onCurrent: (index: number) => void;
  readonly onOpen: (index: number) => void;
  /** Rows that are in view, last one excluded. */
  readonly onRange: (from: number, to: number) => void;
  readonly row: (index: number) => ComponentChildren;
}

export function VirtualList({
  label,
  count,
  rowHeight,
  current,
  onCurrent,
  onOpen,
  onRange,
  row,
}: VirtualListProps) {
  const element = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const full = count * rowHeight;
  const height = Math.min(full, tallest);
  // Real pixels of the list for one pixel of the scroll bar.
  const scale = height > view.height ? (full - view.height) / (height - view.height) : 1;
  const offset = view.top * scale;
  const from = Math.max(0, Math.floor(offset / rowHeight) - spare);
  const to = Math.min(count, Math.ceil((offset + view.height) / rowHeight) + spare);

  useEffect(() => {
    const list = element.current!;
    const measure = () => setView({ top: list.scrollTop, height: list.clientHeight });
    measure();
    list.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(list);
    return () => {
      list.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, []);
  useEffect(() => onRange(from, to), [from, to, count]);

  const shownScale = useRef(scale);
  shownScale.current = scale;
  useEffect(() => {
    const list = element.current!;
    const wheel = (event: WheelEvent): void => {
      if (shownScale.current <= 1.01 || event.ctrlKey) return;
      event.preventDefault();
      list.scrollTop += event.deltaY / shownScale.current;
    };
    list.addEventListener('wheel', wheel, { passive: false });
    return () => list.removeEventListener('wheel', wheel);
  }, []);

  const reveal = (index: number): void => {
    const top = index * rowHeight;
    const list = element.current!;
    if (top < offset) list.scrollTop = top / scale;
    else if (top + rowHeight > offset + view.height) list.scrollTop = (top + rowHeight - view.height) / scale;
  };
  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const to = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      j: current + 1,
      k: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (event.key === 'Enter' && current >= 0) {
      event.preventDefault();
      onOpen(current);
    }
    if (to === undefined || count === 0) return;
    event.preventDefault();
    const place = Math.min(Math.max(to, 0), count - 1);
    onCurrent(place);
    reveal(place);
  };

  const rows: number[] = [];
  for (let i = from; i < to; i++) rows.push(i);
  return (
    <div
      class="virtual-list"
      ref={element}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={current >= from && current < to ? `row-${current}` : undefined}
      onKeyDown={move}
    >
      <div class="canvas" role="presentation" style={{ height: `${height}px` }}>
        {rows.map((i) => {
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
            <div
              key={i}
              id={`row-${i}`}
              class="row"
              role="option"
              tabIndex={-1}
              aria-selected={i === current}
              aria-setsize={count}
              aria-posinset={i + 1}
              style={{
                height: `${rowHeight}px`,
                transform: `translateY(${i * rowHeight - offset + view.top}px)`,
              }}
              onClick={() => {
                onCurrent(i);
                onOpen(i);
              }}
            >
              {row(i)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
