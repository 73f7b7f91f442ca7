import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../store/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { Progress, TrainResult } from './run.ts';

const percent = (x: number | undefined) =>
  x === undefined || Number.isNaN(x) ? '–' : `${(100 * x).toFixed(1)} %`;

/** One line of live progress: step, reward and parts, solve rate, no-verdict rate, entropy, length, speed, time left. */
export function progressLine(
  { step, steps, stage, metrics }: Progress,
  secondsLeft: number | undefined,
): string {
  const m = metrics;
  const fields = [`step ${step}/${steps}`, stage];
  if (m.crossEntropy !== undefined) fields.push(`loss ${m.crossEntropy.toFixed(3)}`);
  if (m.reward !== undefined) {
    const parts = Object.keys(m)
      .filter((name) => name.startsWith('part.'))
      .slice(0, 3)
      .map((name) => `${name.slice(5)} ${m[name]!.toFixed(2)}`);
    fields.push(`reward ${m.reward.toFixed(3)}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`);
    fields.push(`solved ${percent(m.solveRate)}`);
    if (m.noVerdict) fields.push(`no verdict ${percent(m.noVerdict)}`);
    fields.push(`entropy ${m.entropy!.toFixed(2)}`, `length ${m.length!.toFixed(1)}`);
  }
  if (m.tokensPerSecond !== undefined)
    fields.push(`${Math.round(m.tokensPerSecond).toLocaleString('en')} tok/s`);
  if (secondsLeft !== undefined && Number.isFinite(secondsLeft)) fields.push(`${duration(secondsLeft)} left`);
  return fields.join(' · ');
}

export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** What a run came to, in a few lines: before and after on held-out tasks, with intervals. */
export function summaryLines(result: TrainResult): string[] {
  const { untrained, before, after } = result.evaluations;
  const line = (name: string, of: Evaluation | undefined) => {
    if (!of) return [];
    const passes = Object.entries(of.passAt ?? {}).map(([k, value]) => `, pass@${k} ${percent(value)}`);
    const interval = `95 % interval ${percent(of.low)} to ${percent(of.high)}`;
    return [
      `  ${name.padEnd(17)} ${percent(of.solveRate).padStart(7)}   (${interval}, ${of.n} tasks${passes.join('')})`,
    ];
  };
  const sameStart = before !== undefined && before === untrained;
  return [
    `${result.recipe}, seed ${result.seed}: ${result.status} after ${result.steps} steps, ${duration(result.seconds)}, ${result.tokens.toLocaleString('en')} tokens`,
    'held-out problems solved, greedy:',
    ...line('untrained', untrained),
    ...(sameStart ? [] : line('after warm start', before)),
    ...line('after training', after),
    ...(result.noVerdict.n > 0
      ? [`  no verdict on ${result.noVerdict.n} samples: ${JSON.stringify(result.noVerdict.causes)}`]
      : []),
  ];
}

/** The curves of a finished run: solve rate of the rollouts, and held-out solve rate. */
export function runCurves(store: Store, run: string): { name: string; x: number[]; y: number[] }[] {
  const { solveRate } = store.series(run, ['solveRate'], { points: 400 });
  const rollouts: { x: number[]; y: number[] } = { x: [], y: [] };
  solveRate?.steps.forEach((step, i) => {
    const value = solveRate.values[i]!;
    if (Number.isNaN(value)) return;
    rollouts.x.push(step);
    rollouts.y.push(value);
  });
  const held = store
    .evaluations(run)
    .filter(({ name }) => name.startsWith('heldout'))
    .toSorted((a, b) => a.step - b.step);
  return [
    { name: 'rollouts', ...rollouts },
    {
      name: 'held-out, greedy',
      x: held.map(({ step }) => step),
      y: held.map(({ metrics }) => metrics.solveRate!),
    },
  ].filter(({ x }) => x.length > 0);
}

/** The folder of a run's files, made. */
export function runFolder(folder: string, run: string): string {
  const path = join(folder, 'runs', run);
  mkdirSync(path, { recursive: true });
  return path;
}
