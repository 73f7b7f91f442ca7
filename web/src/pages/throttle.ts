import { useRef } from 'preact/hooks';

/** Calls at once, and then at most once in so many milliseconds; the last call is never lost. */
export function useThrottled(call: () => void, milliseconds: number): () => void {
  const state = useRef<{ last: number; timer?: ReturnType<typeof setTimeout> }>({ last: 0 });
  const latest = useRef(call);
  latest.current = call;
  return useRef(() => {
    const { last, timer } = state.current;
    if (timer !== undefined) return;
    const wait = Math.max(0, last + milliseconds - Date.now());
    state.current.timer = setTimeout(() => {
      state.current = { last: Date.now() };
      latest.current();
    }, wait);
  }).current;
}
