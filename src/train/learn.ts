import type {
  Engine,
  LearningContext,
  Objective,
  OptimizerParams,
  Random,
  StepReport,
  TokenBatch,
} from '../core/index.ts';
import { flatten, type LearningSet, totalsOfSet, wholeSamples } from './tokens.ts';

export interface LearnOptions {
  readonly engine: Engine;
  readonly set: LearningSet;
  readonly objective: Objective;
  readonly optimizer: OptimizerParams;
  readonly epochs: number;
  readonly minibatches: number;
  readonly temperature: number;
  readonly maxTokens?: number;
  /** Log-probabilities under each reference, one array a sequence. */
  readonly references: { readonly [name: string]: readonly Float64Array[] };
  readonly context: LearningContext;
  /** Orders the samples into minibatches. */
  readonly random: Random;
}

/**
 * Epochs × minibatches over a learning set: forward, objective, backward, optimiser step. Returns the metrics of the
 * objective and the gradient norm, averaged over the updates. A minibatch is made of whole samples, with all their turns. A set
 * in which nothing has an advantage makes no update, when the objective says that such sequences are idle.
 */
export async function learn(options: LearnOptions): Promise<Record<string, number>> {
  const { engine, set, objective, epochs, minibatches, context, random } = options;
  const all = wholeSamples(set);
  const sums: Record<string, number> = {};
  let updates = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = minibatches === 1 ? all : random.fork('minibatch', epoch).shuffle([...all]);
    for (let part = 0; part < minibatches; part++) {
      const from = Math.floor((part * order.length) / minibatches);
      const to = Math.floor(((part + 1) * order.length) / minibatches);
      const samples = order.slice(from, to);
      const which = samples.flat();
      const busy = objective.idleAtZero?.(context)
        ? samples.filter((turns) => turns.some((s) => !set.idle[s])).flat()
        : which;
      if (busy.length === 0) continue;
      const report = await update(options, which, busy);
      for (const [name, value] of Object.entries(report)) sums[name] = (sums[name] ?? 0) + value;
      updates++;
    }
  }
  for (const name of Object.keys(sums)) sums[name] = sums[name]! / updates;
  sums.updates = updates;
  engine.discard();
  return sums;
}

async function update(
  { engine, set, objective, optimizer, temperature, maxTokens, references, context }: LearnOptions,
  which: readonly number[],
  busy: readonly number[],
): Promise<Record<string, number>> {
  const needs = objective.needs ?? {};
  const pass = await engine.forward(
    busy.map((s) => set.sequences[s]!),
    { temperature, entropies: needs.entropies ?? false, values: needs.values ?? false },
  );
  const flat = flatten(set, busy);
  const batch: TokenBatch = {
    ...flat,
    logprobs: pass.logprobs,
    entropies: pass.entropies,
    values: pass.values,
    references: Object.fromEntries(
      Object.entries(references).map(([name, rows]) => [name, concatenate(busy.map((s) => rows[s]!))]),
    ),
    totals: totalsOfSet(set, which),
    maxTokens,
  };
  const { loss, dLogprob, dEntropy, dValue, metrics } = objective.loss(batch, context);
  if (!Number.isFinite(loss))
    throw new Error(`the loss is ${loss} at step ${context.step}; objective '${objective.name}'`);
  await pass.backward({ dLogprob, dEntropy, dValue });
  const { gradientNorm }: StepReport = await engine.step(optimizer);
  return { loss, gradientNorm, ...metrics };
}

function concatenate(rows: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    out.set(row, at);
    at += row.length;
  }
  return out;
}
