/** How a run is shown wherever it is named. */
import { type RunRow, runPage } from '../api.ts';
import { percent } from '../format.ts';
import { Badge, Changing, Link, type Tone } from './parts.tsx';

const tones: { readonly [status: string]: Tone } = {
  running: 'accent',
  finished: 'good',
  stopped: 'plain',
  failed: 'bad',
  stalled: 'warn',
};

export function StatusBadge({ run }: { run: Pick<RunRow, 'status' | 'activity' | 'error'> }) {
  const status = run.activity === 'stalled' ? 'stalled' : run.status;
  return (
    <Badge
      tone={tones[status]}
      title={
        status === 'stalled'
          ? 'It has been silent for long: killed, or stuck. `assay train --resume` goes on from its last checkpoint.'
          : (run.error ?? undefined)
      }
    >
      {status === 'running' && <span class="dot pulse good" aria-hidden="true" />}
      {status}
    </Badge>
  );
}

/** Recipe and arm: what a person knows a run by. */
export function runTitle(run: Pick<RunRow, 'recipe' | 'arm'>): string {
  return run.arm === null || run.arm === 'main' ? run.recipe : `${run.recipe} · ${run.arm}`;
}

export function RunLink({ run }: { run: RunRow }) {
  return (
    <Link href={runPage(run.id)}>
      {runTitle(run)} <span class="muted">seed {run.seed}</span>
    </Link>
  );
}

export function Progress({ run }: { run: Pick<RunRow, 'progress' | 'last' | 'steps'> }) {
  const done = Math.max(0, Math.min(1, run.progress));
  return (
    <span class="run-progress">
      <span class="num-line">
        {/* As wide as the number will be, so that what follows it stays. */}
        <span class="steps-done" style={{ minWidth: `${run.steps.toLocaleString('en').length}ch` }}>
          {(run.last + 1).toLocaleString('en')}
        </span>{' '}
        <span class="muted">of {run.steps.toLocaleString('en')}</span>
      </span>
      <span
        class="progress"
        role="progressbar"
        aria-label="Steps done"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * done)}
      >
        <span style={{ width: `${100 * done}%` }} />
      </span>
    </span>
  );
}

/** A change of a rate, with a sign and a colour. */
export function Change({ from, to }: { from: number | null; to: number | null }) {
  if (from === null || to === null) return <span class="muted">–</span>;
  const by = to - from;
  return (
    <span class={by > 0 ? 'good-text' : by < 0 ? 'bad-text' : 'muted'}>
      <Changing>{`${by >= 0 ? '+' : '−'}${percent(Math.abs(by)).replace(' %', '')} pts`}</Changing>
    </span>
  );
}
