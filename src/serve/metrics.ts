import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Verdict } from '../core/index.ts';

/** What is measured of a scorer. */
export interface Measured {
  readonly load: number;
  readonly busy: number;
  readonly replaced: number;
  readonly cached: number;
}

export interface Metrics {
  readonly registry: Registry;
  verdict(reward: string, verdict: Verdict, seconds: number): void;
  cache(hit: boolean): void;
  refused(): void;
  request(route: string, method: string, status: number, seconds: number): void;
}

/**
 * Prometheus metrics. Latency and the rate of no verdicts stand next to the rewards, so that load and policy can be told
 * apart: a reward that falls while `assay_verdicts_total{outcome="timeout"}` rises is the machine's doing.
 */
export function createMetrics(measured: () => Measured): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const verdicts = new Counter({
    name: 'assay_verdicts_total',
    help: 'Verdicts by reward; outcome is value, or the cause of no verdict',
    labelNames: ['reward', 'outcome'],
    registers,
  });
  const rewards = new Histogram({
    name: 'assay_reward',
    help: 'Rewards, over verdicts that have a value',
    labelNames: ['reward'],
    buckets: [-1, -0.5, 0, 0.25, 0.5, 0.75, 1],
    registers,
  });
  const latency = new Histogram({
    name: 'assay_verdict_seconds',
    help: 'Time from admission to verdict, waiting included',
    labelNames: ['reward'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const cache = new Counter({
    name: 'assay_cache_total',
    help: 'Look-ups in the verdict cache',
    labelNames: ['result'],
    registers,
  });
  const refused = new Counter({
    name: 'assay_refused_total',
    help: 'Requests refused because the queue was full',
    registers,
  });
  const requests = new Histogram({
    name: 'assay_http_request_seconds',
    help: 'Time of a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const gauge = (name: string, help: string, read: (from: Measured) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(measured()));
      },
    });
  gauge('assay_queue_samples', 'Samples that wait or run', ({ load }) => load);
  gauge('assay_workers_busy', 'Threads that are scoring', ({ busy }) => busy);
  gauge('assay_workers_replaced', 'Threads replaced since the start', ({ replaced }) => replaced);
  gauge('assay_cache_verdicts', 'Verdicts in the cache', ({ cached }) => cached);
  return {
    registry,
    verdict: (reward, { value, cause }, seconds) => {
      verdicts.inc({ reward, outcome: value === null ? (cause ?? 'crash') : 'value' });
      if (value !== null) rewards.observe({ reward }, value);
      latency.observe({ reward }, seconds);
    },
    cache: (hit) => cache.inc({ result: hit ? 'hit' : 'miss' }),
    refused: () => refused.inc(),
    request: (route, method, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
  };
}
