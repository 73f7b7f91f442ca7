import { type AuditOptions, type Case, falseAlarms, type ProbeReport, runProbes } from '../audit/index.ts';
import { InputError, type Reward, stream } from '../core/index.ts';
import { casesOf, readTasks } from './audit-cases.ts';
import type { AuditFlags } from './audit-flags.ts';

/** Runs the probes on the tasks of a file; on labelled completions also says how often they would cry wolf. */
export async function probeFile(
  file: string | undefined,
  flags: AuditFlags,
  reward: Reward,
  options: AuditOptions,
): Promise<ProbeReport> {
  const path = flags.tasks ?? file;
  if (path === undefined) throw new InputError('--probe needs --tasks FILE');
  const { seed = 0, limit = 100 } = flags;
  const all = await readTasks(path, flags);
  const tasks = stream(seed, 'tasks').shuffle(all).slice(0, limit);
  const report = await runProbes(tasks, reward, { ...options, seed });
  if (report.tasks === 0)
    throw new InputError('has too few tasks with a text or number as their answer (4 are needed)', {
      file: path,
    });
  if (flags.label === undefined) return report;
  const cases: Case[] = [];
  for await (const batch of await casesOf(path, flags)) cases.push(...batch.cases);
  return { ...report, falseAlarms: falseAlarms(cases) };
}
