/** Numbers and times as a person reads them. Every function takes what may be missing and then says '–'. */

const none = '–';

export function percent(x: number | null | undefined, digits = 1): string {
  return x == null || !Number.isFinite(x) ? none : `${(100 * x).toFixed(digits)} %`;
}

/** Four significant digits, without the noise of floating point; large numbers with separators. */
export function number(x: number | null | undefined, digits = 4): string {
  if (x == null || Number.isNaN(x)) return none;
  if (!Number.isFinite(x)) return x > 0 ? '∞' : '−∞';
  const size = Math.abs(x);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return minus(x.toExponential(2));
  if (size >= 1000) return minus(Math.round(x).toLocaleString('en'));
  return minus(String(Number(x.toPrecision(digits))));
}

/** A value with a sign: advantages and differences. */
export function signed(x: number | null | undefined, digits = 3): string {
  if (x == null || Number.isNaN(x)) return none;
  return x > 0 ? `+${number(x, digits)}` : number(x, digits);
}

function minus(text: string): string {
  return text.replace(/^-/, '−');
}

export function duration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return none;
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

export function ago(milliseconds: number, now: number): string {
  const seconds = (now - milliseconds) / 1000;
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

export function dateTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** Names of the store are camel case with dots; a person reads words. */
export function words(name: string): string {
  const spaced = name
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll('.', ' · ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
