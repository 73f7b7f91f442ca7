import { importOwn, isReward, loadReward } from '../../catalogue/index.ts';
import { asReward, InputError, oneLine, type Reward, type RewardFunction } from '../../core/index.ts';
import type { RewardSource } from './protocol.ts';

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
): Promise<Map<string, Reward>> {
  const specs =
    'config' in source
      ? ((await importConfig(source.config)) as { rewards?: object }).rewards
      : source.rewards;
  const loaded = new Map<string, Reward>();
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
): Promise<Reward> {
  if (isReward(spec)) return spec;
  if (typeof spec === 'function') {
    // A factory of the catalogue, given without being called, is meant with its defaults.
    if ('definition' in spec) return (spec as unknown as () => Reward)();
    return asReward(spec as RewardFunction);
  }
  return (await loadReward(spec, limits)).reward;
}
