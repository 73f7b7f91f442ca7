/** A study with a known answer: a loaded coin shows heads more often. */
import { stream } from 'assay/core';
import { study } from 'assay/train';

const heads = (name: string, p: number) => (seed: number) => {
  const random = stream(seed, name);
  let count = 0;
  for (let i = 0; i < 1000; i++) if (random.next() < p) count++;
  return { heads: count / 1000 };
};

export default study({
  name: 'coin',
  arms: { loaded: heads('loaded', 0.7), fair: heads('fair', 0.5) },
  metric: 'heads',
  expected: { arm: 'loaded', over: 'fair', direction: 'higher' },
});
