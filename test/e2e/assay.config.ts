/** What the end-to-end scripts serve: rewards with parts, with groups, and some that give no verdict. */
import { noVerdict, type Sample, verdict } from 'assay/core';
import { weighted } from 'assay/shape';
import { number } from 'assay/verify';

const words = (sample: Sample<unknown>) => (sample.turns.at(-1)!.completion.text.match(/\S+/g) ?? []).length;

/** No verdict for every fourth length, as if its checker broke there. */
const moody = (sample: Sample<unknown>) =>
  words(sample) % 4 === 3 ? noVerdict('crash', 'broken at this length') : verdict(words(sample) / 10);

export default {
  rewards: {
    number: number(),
    shaped: weighted({ number: [number(), 1], moody: [moody, 0.5] }),
    moody,
    /** Share of the group that said less. */
    ranked: {
      name: 'ranked',
      version: '1',
      options: {},
      scope: 'group' as const,
      score: (samples: readonly Sample<unknown>[]) =>
        samples.map((one) => ({
          value: samples.filter((other) => words(other) < words(one)).length / samples.length,
        })),
    },
  },
  default: 'number',
};
