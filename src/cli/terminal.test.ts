import { expect, test, vi } from 'vitest';
import { clock, compact, createTerminal, interruptedCode, liveProgress } from './terminal.ts';

test('progress shows count, rate, share and time left, at most five times a second', () => {
  const lines: string[] = [];
  let time = 0;
  const progress = liveProgress('rows', { write: (text) => lines.push(text) }, () => time);
  time = 1000;
  progress.update(20_000, 0.25);
  time = 1100;
  progress.update(21_000, 0.3);
  time = 2000;
  progress.update(50_000, 0.5, 'mean 0.4');
  progress.end();
  expect(lines.map((line) => line.replace('\r\u001b[2K', ''))).toEqual([
    '20k rows  20k/s  25 %  0:03 left',
    '50k rows  25k/s  50 %  0:02 left  mean 0.4',
    '',
  ]);
});

test('numbers and durations are short', () => {
  expect([0.5, 12, 999, 9999, 10_000, 1_234_567].map(compact)).toEqual([
    '0.5',
    '12',
    '999',
    '9999',
    '10k',
    '1.23M',
  ]);
  expect([5, 65, 3725].map(clock)).toEqual(['0:05', '1:05', '1:02:05']);
});

test('a signal right after the first is the same request, and only a later one is not heard any more', () => {
  vi.useFakeTimers();
  const others = new Map(
    (['SIGINT', 'SIGTERM'] as const).map((signal) => [signal, process.rawListeners(signal)]),
  );
  for (const signal of others.keys()) process.removeAllListeners(signal);
  const listening = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];
  try {
    const signal = createTerminal(true).interrupts();
    expect([signal.aborted, listening()]).toEqual([false, [1, 1]]);
    process.emit('SIGTERM', 'SIGTERM');
    expect([signal.aborted, listening()]).toEqual([true, [1, 1]]);
    vi.advanceTimersByTime(400);
    process.emit('SIGINT', 'SIGINT');
    expect([interruptedCode(), listening()]).toEqual([143, [1, 1]]);
    vi.advanceTimersByTime(200);
    expect(listening()).toEqual([0, 0]);
  } finally {
    for (const [signal, list] of others) {
      process.removeAllListeners(signal);
      for (const listener of list) process.on(signal, listener as NodeJS.SignalsListener);
    }
    vi.useRealTimers();
  }
});
