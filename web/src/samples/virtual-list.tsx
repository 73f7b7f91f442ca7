/**
 * A list of any length of which only the rows in view are in the page. A list taller than browsers can make an element is
 * scrolled on a smaller scale: the bar goes through all of it, the wheel still moves by rows.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const tallest = 8_000_000;
const spare = 6;

export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  /** The chosen row, −1 for none; it is brought into view. */
  readonly current: number;
  /** Takes the keys as soon as it is there. */
  readonly focused?: boolean;
  readonly onCurrent: (index: number) => void;
  readonly onOpen: (index: number) => void;
  /** A row was asked for by its number. */
  readonly onGo: (index: number) => void;
  /** Rows that are in view or near it, last one excluded. */
  readonly onRange: (from: number, to: number) => void;
  readonly row: (index: number) => ComponentChildren;
}

export function VirtualList({
  label,
  count,
  rowHeight,
  current,
  focused = false,
  onCurrent,
  onOpen,
  onGo,
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
  useEffect(() => {
    if (focused) element.current!.focus({ preventScroll: true });
  }, []);

  const shownScale = useRef(scale);
  // A list that grows beyond what is tallest is scrolled on another scale from then on: the rows in view stay.
  useLayoutEffect(() => {
    const before = shownScale.current;
    shownScale.current = scale;
    const list = element.current!;
    if (before === scale || list.scrollTop === 0) return;
    list.scrollTop = (list.scrollTop * before) / scale;
    setView({ top: list.scrollTop, height: list.clientHeight });
  }, [scale]);
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

  /** Brings a row into view: next to the edge where it is near, else in the middle. */
  const reveal = (index: number): void => {
    const list = element.current!;
    const [top, seen] = [index * rowHeight, list.clientHeight];
    const [low, high] = [list.scrollTop * scale, list.scrollTop * scale + seen];
    if (top >= low && top + rowHeight <= high) return;
    const near = top + rowHeight > low - seen && top < high + seen;
    const to = near ? (top < low ? top : top + rowHeight - seen) : top - (seen - rowHeight) / 2;
    list.scrollTop = to / scale;
    setView({ top: list.scrollTop, height: seen });
  };
  const isThere = current >= 0 && current < count;
  useLayoutEffect(() => {
    if (isThere) reveal(current);
  }, [current, isThere]);

  const choose = (to: number): void => {
    const place = Math.min(Math.max(to, 0), count - 1);
    onCurrent(place);
    reveal(place);
  };
  const first = Math.min(Math.ceil(offset / rowHeight - 0.01), count - 1);
  const last = Math.min(Math.floor((offset + view.height) / rowHeight + 0.01), count) - 1;
  const number = useRef<HTMLInputElement>(null);
  const move = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Who scrolled away goes on from what is in view.
    const here = current >= first && current <= last ? current : undefined;
    const page = Math.max(1, last - first);
    const down = here === undefined ? first : here + 1;
    const up = here === undefined ? last : here - 1;
    const to = {
      ArrowDown: down,
      ArrowUp: up,
      j: down,
      k: up,
      PageDown: (here ?? first) + page,
      PageUp: (here ?? last) - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (event.key === 'Enter' && isThere) {
      event.preventDefault();
      onOpen(current);
    }
    if (event.key === 'g') {
      event.preventDefault();
      number.current!.select();
    }
    if (to === undefined || count === 0) return;
    event.preventDefault();
    choose(to);
  };

  const rows: number[] = [];
  for (let i = from; i < to; i++) rows.push(i);
  return (
    <>
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
      <form
        class="list-foot"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = Math.round(Number(number.current!.value)) - 1;
          if (number.current!.value === '' || !Number.isFinite(wanted)) return;
          const place = Math.min(Math.max(wanted, 0), count - 1);
          choose(place);
          onGo(place);
          element.current!.focus({ preventScroll: true });
        }}
      >
        <span class="muted">
          {(first + 1).toLocaleString('en')} to {(last + 1).toLocaleString('en')} of{' '}
          {count.toLocaleString('en')}
        </span>
        <label class="field push">
          Go to number
          <input ref={number} type="number" min={1} max={count} inputMode="numeric" />
        </label>
        <button type="submit" class="button">
          Go
        </button>
      </form>
    </>
  );
}
