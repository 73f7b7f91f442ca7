import { importOwn, isReward, loadReward, readSpec } from '../../catalogue/index.ts';
import { asReward, InputError, oneLine, type Reward, type RewardFunction } from '../../core/index.ts';
import type { RewardSource } from './protocol.ts';

/** A reward that is served. */
export interface Loaded {
  readonly reward: Reward;
  /** False for those of the catalogue that have no others inside: they never look at ids. Of all others nobody knows. */
  readonly looksAtIds: boolean;
}

/** The default export of a config module. Throws InputError. */
export async function importConfig(path: string): Promise<unknown> {
  const { exports } = await importOwn(path, path);
  if (typeof exports.default !== 'object' || exports.default === null)
    throw new InputError('must export { rewards: {…} } as its default', { file: path });
  return exports.default;
}

/** The rewards of a source, by the names that they are served by. Throws InputError, of several naming the one, and UnsupportedError. */
export async function loadRewards(
  source: RewardSource,
  limits: { readonly seconds: number; readonly memory: number },
): Promise<Map<string, Loaded>> {
  const specs =
    'config' in source
      ? ((await importConfig(source.config)) as { rewards?: object }).rewards
      : source.rewards;
  const loaded = new Map<string, Loaded>();
  const entries = Object.entries(specs ?? {});
  for (const [name, spec] of entries) {
    try {
      loaded.set(name, await loadOne(spec, limits));
    } catch (thrown) {
      if (entries.length === 1) throw thrown;
      throw new InputError(oneLine(thrown), { field: `rewards.${name}` });
    }
  }
  return loaded;
}

async function loadOne(
  spec: unknown,
  limits: { readonly seconds: number; readonly memory: number },
): Promise<Loaded> {
  if (isReward(spec)) return { reward: spec, looksAtIds: true };
  if (typeof spec === 'function') {
    // A factory of the catalogue, given without being called, is meant with its defaults.
    if ('definition' in spec) return { reward: (spec as unknown as () => Reward)(), looksAtIds: true };
    return { reward: asReward(spec as RewardFunction), looksAtIds: true };
  }
  const { reward } = await loadReward(spec, limits);
  return { reward, looksAtIds: readSpec(spec).kind !== 'named' || reward.children !== undefined };
}
