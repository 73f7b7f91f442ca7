import type { TokenBatch } from '../core/index.ts';

/**
 * The batch with one sequence a sample: the turns of a sample, which `samples` tells, become one sequence with one mask, as in TRL and
 * verl. Tokens stay where they are. What works by sequence begins with this, so that a sample of k turns is to every
 * objective what the one sequence of its tokens would be. A batch of single turns is given back itself. Throws RangeError where
 * `samples` does not ascend, or where the turns of a sample differ in group or role.
 */
export function bySample<Part extends Pick<TokenBatch, 'starts'> & Partial<TokenBatch>>(batch: Part): Part {
  const { starts, samples, groups, roles } = batch;
  if (!samples) return batch;
  const n = starts.length - 1;
  if (samples.length !== n) throw new RangeError(`${n} sequences with samples of ${samples.length}`);
  const first: number[] = [];
  for (let s = 0; s < n; s++) {
    if (s === 0 || samples[s]! > samples[s - 1]!) first.push(s);
    else if (samples[s]! < samples[s - 1]!)
      throw new RangeError('samples do not ascend: the sequences of one stand together');
    else if (groups?.[s] !== groups?.[s - 1] || roles?.[s] !== roles?.[s - 1])
      throw new RangeError(`the sequences of sample ${samples[s]} differ in group or role`);
  }
  if (first.length === n) return { ...batch, samples: undefined };
  return {
    ...batch,
    starts: Int32Array.from([...first.map((s) => starts[s]!), starts[n]!]),
    samples: undefined,
    ...(groups && { groups: Int32Array.from(first, (s) => groups[s]!) }),
    ...(roles && { roles: first.map((s) => roles[s]) }),
  };
}
