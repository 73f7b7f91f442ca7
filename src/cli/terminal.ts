import { constants } from 'node:os';

/** Where a command's output goes. */
export interface Terminal {
  /** One JSON document was asked for: whatever else is printed goes to standard error. */
  readonly json: boolean;
  /** A line for a person: to standard output, or with `--json` nowhere. */
  print(line: string): void;
  /** A line about the run itself, to standard error. */
  note(line: string): void;
  /** A line that is rewritten in place; silent unless standard error is a terminal. Call `end` before printing. */
  progress(unit: string): Progress;
  /** Aborted by the first Ctrl-C or termination request, once a command has asked for it; one that comes later kills. */
  interrupts(): AbortSignal;
}

export interface Progress {
  /** `done` in units; `share` of the whole in [0, 1], where it is known, gives the time left. */
  update(done: number, share?: number, note?: string): void;
  end(): void;
}

/** Everything written to standard output goes to standard error from here on; returns the writer of the one document. */
export function claimStandardOutput(): (text: string) => Promise<void> {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return (text) => new Promise((resolve) => write(text, () => resolve()));
}

export function createTerminal(json: boolean): Terminal {
  return {
    json,
    print: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    note: (line) => {
      process.stderr.write(`${line}\n`);
    },
    progress: (unit) => (process.stderr.isTTY ? liveProgress(unit, process.stderr) : silent),
    interrupts: onInterrupt,
  };
}

const silent: Progress = { update: () => {}, end: () => {} };

/** Five lines a second at most, each over the last one: count, rate, share and time left. */
export function liveProgress(
  unit: string,
  out: { write(text: string): unknown; columns?: number },
  now: () => number = () => performance.now(),
): Progress {
  const started = now();
  let shown = Number.NEGATIVE_INFINITY;
  return {
    update(done, share, note) {
      const time = now();
      if (time - shown < 200) return;
      shown = time;
      const seconds = Math.max(1e-3, (time - started) / 1000);
      const parts = [`${compact(done)} ${unit}`, `${compact(done / seconds)}/s`];
      if (share !== undefined && share > 0) {
        parts.push(`${Math.floor(100 * Math.min(1, share))} %`);
        parts.push(`${clock((seconds * (1 - Math.min(1, share))) / share)} left`);
      }
      if (note) parts.push(note);
      out.write(`\r\u001b[2K${parts.join('  ').slice(0, (out.columns ?? 100) - 1)}`);
    },
    end() {
      if (shown > Number.NEGATIVE_INFINITY) out.write('\r\u001b[2K');
      shown = Number.NEGATIVE_INFINITY;
    },
  };
}

/** 1234567 → 1.23M. */
export function compact(n: number): string {
  const [scale, suffix] = n >= 1e9 ? [1e9, 'G'] : n >= 1e6 ? [1e6, 'M'] : n >= 1e4 ? [1e3, 'k'] : [1, ''];
  const scaled = n / scale;
  return `${suffix === '' && scaled >= 100 ? Math.round(scaled) : Number(scaled.toPrecision(3))}${suffix}`;
}

/** 3725 seconds → 1:02:05. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** The exit code of a command that was stopped, as shells count: 128 and the signal's number. */
export function interruptedCode(): number {
  return 128 + constants.signals[stoppedBy];
}

let stoppedBy: 'SIGINT' | 'SIGTERM' = 'SIGINT';

/** What comes so soon after a signal is the same request: `timeout` asks a process and then its group. */
const sameRequestMilliseconds = 500;

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const heard = (signal: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) return;
    stoppedBy = signal;
    setTimeout(() => {
      process.removeListener('SIGINT', heard);
      process.removeListener('SIGTERM', heard);
    }, sameRequestMilliseconds).unref();
    controller.abort();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return controller.signal;
}

/** Thrown by a command that a person stopped; nothing of it is left behind. */
export class Interrupted extends Error {}
