/** Which metrics share a chart: parts of one whole, seen best beside one another. */
import type { Metric } from '../api.ts';
import type { Unit } from './data.ts';

export interface ChartPlan {
  /** Stands in the address. */
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly group: Metric['group'];
  readonly unit: Unit;
  readonly metrics: readonly Metric[];
  /** Lines that it may come to have: room is kept for them. */
  readonly room: number;
}

const linesAtMost = 8;

const families: readonly {
  readonly id: string;
  readonly title: string;
  readonly room: number;
  readonly of: (metric: Metric) => boolean;
}[] = [
  {
    id: 'solved',
    title: 'Solve rate',
    room: 2,
    of: ({ name }) => name === 'solveRate' || name === 'heldout/solveRate',
  },
  {
    id: 'parts',
    title: 'Parts of the reward',
    room: 2,
    of: ({ name, group }) => group === 'parts' || name.startsWith('part.'),
  },
  {
    id: 'no-verdict',
    title: 'No verdict, by cause',
    room: 3,
    of: ({ name }) => /^noVerdict(\.|$)/.test(name),
  },
  { id: 'kl', title: 'KL divergence', room: 1, of: ({ name }) => /^kl(\.|$|[A-Z])|Kl$/.test(name) },
  { id: 'clip', title: 'Clipped tokens', room: 2, of: ({ name }) => /^clip/.test(name) },
  {
    id: 'seconds',
    title: 'Seconds of a step',
    room: 3,
    of: ({ name }) => name !== 'seconds.score' && /^seconds(\.|$)/.test(name),
  },
];

/** The charts of a run in the order of its metrics; a family of many lines is several charts. */
export function chartPlans(metrics: readonly Metric[]): ChartPlan[] {
  const plans: ChartPlan[] = [];
  const done = new Set<string>();
  for (const metric of metrics) {
    if (done.has(metric.name)) continue;
    const family = families.find(({ of }) => of(metric));
    const own = family ? metrics.filter((each) => family.of(each) && each.unit === metric.unit) : [metric];
    for (const { name } of own) done.add(name);
    for (let i = 0; i < own.length; i += linesAtMost) {
      const lines = own.slice(i, i + linesAtMost);
      const first = lines[0]!;
      const base = family?.id ?? metric.name;
      const taken = plans.some(({ id }) => id === base);
      plans.push({
        id: taken ? `${base}-${first.name}` : base,
        // Of its family's name from the first line on, where more may come: a live chart then changes neither title nor labels.
        title:
          family && (own.length > 1 || family.room > 1)
            ? `${family.title}${taken ? ', more' : ''}`
            : capital(first.label),
        help: lines
          .map(({ label, help }) => (own.length > 1 ? `${label}: ${help}` : help))
          .filter((line) => !/: $/.test(line))
          .join('\n'),
        group: metric.group,
        unit: metric.unit,
        metrics: lines,
        room: family?.room ?? 1,
      });
    }
  }
  return plans;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
