/** What the soak serves: a check that costs some tenths of a millisecond, and one completion whose checker breaks. */
import type { Sample } from 'assay/core';

export default {
  rewards: {
    /** 1 where the completion says an even number. */
    even: (sample: Sample<unknown>) => {
      const { text } = sample.turns.at(-1)!.completion;
      if (text === 'broken') throw new Error('broken');
      let sum = Number(text);
      for (let i = 0; i < 20_000; i++) sum = (sum + i) % 1_000_003;
      return sum >= 0 && Number(text) % 2 === 0;
    },
  },
  workers: 1,
  queue: 512,
  cache: 0,
};
