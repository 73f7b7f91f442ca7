import { existsSync } from 'node:fs';
import { type AuditOptions, type Rescored, rescore } from '../audit/index.ts';
import { InputError, type Reward } from '../core/index.ts';
import { defaultStorePath, openStore, type Store, StoreError } from '../store/index.ts';

/** Scores the samples of a stored run with another reward. Throws InputError. */
export async function rescoreRun(
  { rescore: run, store: path }: { readonly rescore?: string; readonly store?: string },
  reward: Reward,
  options: AuditOptions,
): Promise<Rescored> {
  const file = path ?? defaultStorePath;
  if (!existsSync(file)) throw new InputError('there is no run store', { file });
  const store = openStore(file);
  try {
    const { id } = store.run(run!);
    return await rescore(stepsOf(store, id), reward, options);
  } catch (thrown) {
    throw thrown instanceof StoreError ? new InputError(thrown.message) : thrown;
  } finally {
    store.close();
  }
}

function* stepsOf(store: Store, run: string) {
  for (const step of store.sampleSteps(run)) yield store.samples(run, step);
}
