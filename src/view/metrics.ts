import type { EvaluationRecord } from '../store/index.ts';
import type { Metric } from './api.ts';
import { metricGroups } from './api.ts';
import type { RunTable } from './run-table.ts';

type About = Pick<Metric, 'group' | 'label' | 'help' | 'unit'>;

const about = (group: Metric['group'], label: string, unit: Metric['unit'], help: string): About => ({
  group,
  label,
  unit,
  help,
});

/** What the loop measures; in this order on the page. */
const known: { readonly [name: string]: About } = {
  reward: about('reward', 'reward', 'number', 'mean over the rollouts of a step that have a verdict'),
  'reward.std': about('reward', 'reward, deviation', 'number', 'standard deviation over the same rollouts'),
  solveRate: about(
    'reward',
    'solve rate',
    'share',
    'share of the rollouts with a verdict that solved their task',
  ),
  noVerdict: about(
    'verdicts',
    'no verdict',
    'share',
    'share of the rollouts about which nothing can be said',
  ),
  zeroVariance: about(
    'verdicts',
    'groups without variance',
    'share',
    'share of groups whose values are all alike: no group-relative learning signal',
  ),
  'seconds.score': about('verdicts', 'verdict latency', 'seconds', 'seconds a step spent on scoring'),
  entropy: about('policy', 'entropy', 'nats', 'mean −log p of the sampled tokens'),
  approxKl: about('policy', 'KL to the sampler', 'nats', 'estimated on the sampled tokens'),
  clipLow: about('policy', 'clipped below', 'share', 'share of tokens whose ratio is clipped from below'),
  clipHigh: about('policy', 'clipped above', 'share', 'share of tokens whose ratio is clipped from above'),
  ratio: about('policy', 'probability ratio', 'number', 'mean ratio of new to old probability'),
  gradientNorm: about('policy', 'gradient norm', 'number', 'before clipping'),
  loss: about('policy', 'loss', 'number', ''),
  crossEntropy: about('policy', 'cross-entropy', 'nats', 'of the demonstrations, in supervised steps'),
  learningRate: about('policy', 'learning rate', 'number', ''),
  length: about('length', 'length', 'tokens', 'mean tokens of a rollout'),
  truncated: about('length', 'truncated', 'share', 'share of rollouts that hit the token limit'),
  kept: about('curriculum', 'kept', 'share', 'share of the sampled groups that the curriculum kept'),
  tokensPerSecond: about('speed', 'sampled tokens per second', 'tokens/s', ''),
  seconds: about('speed', 'step', 'seconds', 'seconds of a whole step'),
  'seconds.sample': about('speed', 'sampling', 'seconds', 'seconds a step spent on sampling'),
  'seconds.learn': about('speed', 'learning', 'seconds', 'seconds a step spent on learning'),
};
const order = Object.keys(known);

function aboutMetric(name: string): About {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found) return found;
  if (name.startsWith('part.'))
    return about('parts', name.slice(5), 'number', 'mean of this part of the verdict over the rollouts');
  if (name.startsWith('noVerdict.'))
    return about('verdicts', `no verdict: ${name.slice(10)}`, 'share', 'share of the rollouts, by cause');
  if (/(^|\.)kl\b|Kl\b/.test(name)) return about('policy', name, 'nats', '');
  if (name.startsWith('seconds')) return about('speed', name, 'seconds', '');
  return about('other', name, 'number', '');
}

/** The evaluations that follow the run: `heldout` during it, `heldout.before` and so on; one series together. */
export const isHeldOut = (name: string) => name === 'heldout' || name.startsWith('heldout.');

/** Rates of a held-out evaluation that are worth a chart; the interval's ends belong to the rate. */
const heldOutMetrics: { readonly [name: string]: About } = {
  solveRate: about('heldout', 'held-out solve rate', 'share', 'greedy, with its 95 % interval'),
  reward: about('heldout', 'held-out reward', 'number', 'greedy, mean over the tasks with a verdict'),
  noVerdict: about('heldout', 'held-out, no verdict', 'number', 'tasks'),
};

/** Every series that a run has, grouped and in the order of the page. */
export function metricsOf(
  table: RunTable,
  clocks: readonly string[],
  evaluations: readonly EvaluationRecord[],
): Metric[] {
  const isClock = new Set(clocks);
  const out: Metric[] = table.names.map((name) => ({
    name,
    ...aboutMetric(name),
    source: isClock.has(name) ? 'clock' : 'metric',
    last: finite(table.last(name)),
  }));
  const seen = new Set<string>();
  for (const { name, metrics } of [...evaluations].reverse())
    for (const metric of Object.keys(metrics)) {
      const merged = isHeldOut(name) && (Object.hasOwn(heldOutMetrics, metric) || metric.startsWith('pass@'));
      const full = merged ? `heldout/${metric}` : `evaluation/${name}/${metric}`;
      if (seen.has(full) || (isHeldOut(name) && !merged)) continue;
      seen.add(full);
      const known = Object.hasOwn(heldOutMetrics, metric) ? heldOutMetrics[metric] : undefined;
      const own =
        merged && known
          ? known
          : about(
              merged ? 'heldout' : 'other',
              merged ? `held-out ${metric}` : `${name}: ${metric}`,
              merged ? 'share' : 'number',
              '',
            );
      out.push({ name: full, ...own, source: 'evaluation', last: finite(metrics[metric]!) });
    }
  const place = ({ name, group }: Metric) =>
    metricGroups.indexOf(group) * 1000 + (order.includes(name) ? order.indexOf(name) : 999);
  return out.sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

export function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
