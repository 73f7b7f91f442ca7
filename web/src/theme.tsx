/** Light, dark, or as the system says; the choice is remembered in this browser. */
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const key = 'assay.theme';
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

let theme = stored();

function choose(next: Theme): void {
  theme = next;
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // Where storage is forbidden the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
systemDark.addEventListener('change', () => {
  for (const listener of listeners) listener();
});

/** 'light' or 'dark': what is shown now. Components that paint colours themselves follow it. */
export function useShownTheme(): 'light' | 'dark' {
  const shown = () => (theme === 'system' ? (systemDark.matches ? 'dark' : 'light') : theme);
  const [value, setValue] = useState<'light' | 'dark'>(shown);
  useEffect(() => {
    const listener = () => setValue(shown());
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return value;
}

const order: readonly Theme[] = ['system', 'light', 'dark'];
const names = { system: 'as the system', light: 'light', dark: 'dark' } as const;
const signs = { system: '◐', light: '☀', dark: '☾' } as const;

export function ThemeButton() {
  const [chosen, setChosen] = useState(theme);
  const next = order[(order.indexOf(chosen) + 1) % order.length]!;
  return (
    <button
      type="button"
      class="button quiet icon"
      aria-label={`Colours: ${names[chosen]}. Change to ${names[next]}`}
      title={`Colours: ${names[chosen]}`}
      onClick={() => {
        choose(next);
        setChosen(next);
      }}
    >
      <span aria-hidden="true">{signs[chosen]}</span>
    </button>
  );
}
