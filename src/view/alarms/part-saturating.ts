import { type Finding, type Rule, short, stretches, trailingMeans } from './rule.ts';

const options = { near: 0.01, moved: 0.1, room: 0.1, window: 10, least: 50 };

/** A part of the reward has reached its end and gives no signal any more, while another still could: its weight is idle. */
export const partSaturating: Rule<'part-saturating', typeof options> = {
  rule: 'part-saturating',
  options,
  says: ({ near, moved, room, window, least }) =>
    `For ${least} steps the mean of a part over ${window} steps is within ${near} of its highest value of the run, after it was at least ${moved} away from there, and another part is at least ${room} below its highest.`,
  look: ({ steps, names, metric }, { near, moved, room, window, least }) => {
    const parts = names.filter((name) => name.startsWith('part.'));
    if (parts.length < 2) return { cannot: 'the reward has fewer than two parts' };
    if (steps.length < least + window) return { cannot: `fewer than ${least + window} steps` };
    const means = new Map(parts.map((name) => [name, trailingMeans(metric(name)!, window)]));
    const ends = new Map(
      [...means].map(([name, values]) => {
        let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (const value of values) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
        return [name, { low, high }];
      }),
    );
    const findings: Finding[] = [];
    for (const [name, values] of means) {
      const { low, high } = ends.get(name)!;
      if (!(high - low >= moved)) continue;
      let away = false;
      const stuck = Array.from(values, (value) => {
        if (high - value >= moved) away = true;
        return away && high - value <= near;
      });
      const hasRoom = (i: number) =>
        [...means].some(([other, own]) => other !== name && ends.get(other)!.high - own[i]! >= room);
      findings.push(
        ...stretches(
          { steps },
          (i) => stuck[i]! && hasRoom(i),
          least,
          (_, to) => ({
            text: `the part '${name.slice(5)}' stays at ${short(values[to]!)}, where it came from ${short(low)}`,
            metrics: [name, 'reward'],
          }),
        ),
      );
    }
    return { findings };
  },
};
