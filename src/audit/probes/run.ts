import {
  callReward,
  countNoVerdict,
  type Interval,
  type Json,
  type NoVerdictCount,
  type Reward,
  scoringContext,
  stream,
  type Task,
  textSample,
  wilson,
} from '../../core/index.ts';
import { numberIn, textNormalize, toNumber } from '../../parse/index.ts';
import type { Case } from '../cases.ts';
import type { AuditOptions } from '../error-rates.ts';
import { accepted } from '../rates.ts';
import { type Probe, probes as suite, type Target } from './probes.ts';

export interface ProbeResult {
  readonly name: string;
  readonly family: string;
  /** Texts that were accepted, of all that were tried. */
  readonly accepted: Interval;
  readonly noVerdict: NoVerdictCount;
  /** The first few that were. */
  readonly examples: readonly { readonly task: string; readonly text: string; readonly reason: string }[];
}

export interface ProbeReport {
  readonly tasks: number;
  readonly probes: readonly ProbeResult[];
  /** On labelled answers: how many of those labelled right look like a probe, and would be blamed for it. */
  readonly falseAlarms?: { readonly rate: Interval; readonly byProbe: { readonly [name: string]: number } };
}

export interface ProbeOptions extends AuditOptions {
  readonly seed?: number;
  readonly probes?: readonly Probe[];
}

const shownExamples = 3;

/**
 * Runs the suite against a reward: each probe makes its texts for each task, and none of them may be accepted. Tasks
 * without a text or number as their answer are left out. A text that is a right answer after all (equal to a gold but for
 * its form) is not counted.
 */
export async function runProbes(
  tasks: readonly Task[],
  reward: Reward,
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const { threshold = 0.5, seed = 0, probes = suite, progress } = options;
  const context = scoringContext(options.context);
  const targets = targetsOf(tasks, seed);
  const results: ProbeResult[] = [];
  for (const probe of probes) {
    const samples = targets.flatMap((target) => {
      const random = stream(seed, 'probe', probe.name, target.task.id);
      return probe
        .make(target, random)
        .filter((text) => !golds(target.task).some((gold) => answers(text, gold, probe)))
        .map((text, k) => textSample(target.task, text, `${target.task.id}/${k}`));
    });
    const verdicts =
      samples.length === 0 || reward.scope !== 'sample' ? [] : await callReward(reward, samples, context);
    const noVerdict: NoVerdictCount = { n: 0, causes: {} };
    const examples: { task: string; text: string; reason: string }[] = [];
    let hits = 0;
    verdicts.forEach((verdict, i) => {
      countNoVerdict(noVerdict, verdict);
      if (accepted(verdict, threshold) !== true) return;
      hits++;
      if (examples.length < shownExamples)
        examples.push({
          task: samples[i]!.task.id,
          text: JSON.stringify(samples[i]!.turns[0]!.completion.text.slice(0, 120)),
          reason: verdict.reason ?? '',
        });
    });
    if (verdicts.length > 0)
      results.push({
        name: probe.name,
        family: probe.family,
        accepted: wilson(hits, verdicts.length),
        noVerdict,
        examples,
      });
    progress?.(results.length, results.length / probes.length);
  }
  return { tasks: targets.length, probes: results };
}

/** How often the suite would blame answers that people call right: those that look like one of its probes. */
export function falseAlarms(
  cases: readonly Case[],
  probes: readonly Probe[] = suite,
): NonNullable<ProbeReport['falseAlarms']> {
  const right = cases.filter(({ label }) => label === true);
  const byProbe: { [name: string]: number } = Object.create(null);
  let alarms = 0;
  for (const { sample } of right) {
    const text = sample.turns[sample.turns.length - 1]!.completion.text;
    const alike = probes.filter(({ resembles }) => resembles?.(text, sample.task) === true);
    if (alike.length > 0) alarms++;
    for (const { name } of alike) byProbe[name] = (byProbe[name] ?? 0) + 1;
  }
  return { rate: wilson(alarms, right.length), byProbe };
}

function golds({ answer }: Task): string[] {
  const list = Array.isArray(answer) ? (answer as readonly Json[]) : [answer];
  return list.flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []));
}

/** Is a probe's text a right answer after all, or could a fair reader find one in it by accident? */
function answers(text: string, gold: string, probe: Probe): boolean {
  const [said, wanted] = [form(text), form(gold)];
  return wanted !== '' && (probe.holdsGold ? said === wanted : ` ${said} `.includes(` ${wanted} `));
}

function form(text: string): string {
  return textNormalize(text, 'loose');
}

/** Tasks that can be attacked, each with decoys from the others that are certainly not its answer. */
function targetsOf(tasks: readonly Task[], seed: number): Target[] {
  const plain = tasks.flatMap((task) => {
    const gold = golds(task)[0]?.trim();
    return gold ? [{ task, gold }] : [];
  });
  return plain.flatMap(({ task, gold }) => {
    const random = stream(seed, 'decoys', task.id);
    const own = golds(task);
    const others = random
      .shuffle(plain.map((other) => other.gold))
      .filter((other) => own.every((mine) => differs(mine, other)));
    const decoys = [...new Set(others)].slice(0, 3);
    return decoys.length === 3 ? [{ task, gold, decoys }] : [];
  });
}

/** Are two answers certainly not the same: neither text holds the other, and as numbers they differ? */
function differs(a: string, b: string): boolean {
  const [x, y] = [form(a), form(b)];
  if (x === '' || y === '' || x.includes(y) || y.includes(x)) return false;
  const [m, n] = [numberIn(a), numberIn(b)];
  return m === undefined || n === undefined || toNumber(m) !== toNumber(n);
}
