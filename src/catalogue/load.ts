import { InputError, type Reward } from '../core/index.ts';
import { type ModuleLimits, moduleReward } from './module/host.ts';
import { buildReward } from './rewards.ts';
import { readSpec } from './spec.ts';

export interface LoadedReward {
  readonly reward: Reward;
  /** Ends the workers of its modules, if it has any. */
  close(): Promise<void>;
}

/**
 * A reward from any SPEC, modules included (also as parts of another). A module runs in a worker with limits. Throws
 * InputError and UnsupportedError, each one line.
 */
export async function loadReward(from: unknown, limits: ModuleLimits = {}): Promise<LoadedReward> {
  const closing: (() => Promise<void>)[] = [];
  const load = async (spec: unknown, depth: number): Promise<Reward> => {
    if (depth > 16) throw new InputError('rewards nested over 16 deep');
    const read = readSpec(spec);
    if (read.kind === 'module') {
      const { reward, close } = await moduleReward(read.path, limits);
      closing.push(close);
      return reward;
    }
    if (read.kind === 'grader') return buildReward(spec);
    const { parts } = read.options;
    if (typeof parts !== 'object' || parts === null) return buildReward(spec);
    const loaded: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(parts))
      loaded[name] = Array.isArray(part)
        ? [await load(part[0], depth + 1), ...part.slice(1)]
        : await load(part, depth + 1);
    return buildReward({ name: read.name, options: { ...read.options, parts: loaded } });
  };
  try {
    return {
      reward: await load(from, 0),
      close: () => Promise.all(closing.map((close) => close())).then(() => {}),
    };
  } catch (thrown) {
    for (const close of closing) await close();
    throw thrown;
  }
}
