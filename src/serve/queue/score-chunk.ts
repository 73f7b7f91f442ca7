import { loadReward } from '../../catalogue/index.ts';
import {
  type Cause,
  callReward,
  InputError,
  oneLine,
  type Reward,
  type RewardContext,
  scoringContext,
  UnsupportedError,
  type Verdict,
} from '../../core/index.ts';
import { type RowSamples, rowSamples } from '../../dataset/read/index.ts';
import { scoreRead, wireLine } from '../../dataset/score/index.ts';
import { decodeRows } from './encode-rows.ts';
import { rewardIdentity, rewardLabel } from './identity.ts';
import { type ChunkJob, type ChunkResult, fieldsOf } from './job.ts';

/** This worker cannot score for this client; another attempt would not change that. */
export class Refusal extends Error {}

/** Told as a chunk goes on: which row begins, or that from here on all rows run at once. */
export interface Heartbeat {
  row(): void;
  together(samples: number): void;
}

interface Loaded {
  readonly reward: Reward;
  readonly identity: string;
  /** It has scored a chunk before. */
  used?: boolean;
  close(): Promise<void>;
}

/** Loaded rewards, the least recently used go first. */
const kept = 4;
const loaded = new Map<string, Promise<Loaded>>();

/**
 * Scores the rows of a chunk to the lines that `score` writes for them. Throws Refusal when the reward cannot be had here or
 * is not the client's.
 */
export async function scoreChunk(job: ChunkJob, heartbeat: Heartbeat): Promise<ChunkResult> {
  let known = await rewardOf(job);
  // A module may have been exchanged since it was loaded.
  if (known.identity !== job.identity && known.used) {
    forget(keyOf(job));
    known = await rewardOf(job);
  }
  const { reward, identity } = known;
  if (identity !== job.identity)
    throw new Refusal(
      rewardLabel(reward) === job.reward
        ? `its '${job.reward}' has other options or another module than the client's`
        : `it has the reward '${rewardLabel(reward)}' where the client has '${job.reward}'`,
    );
  const { file, lines, first } = job;
  const rows = decodeRows(job.rows);
  const fields = fieldsOf(job);
  const read = rows.map((row, i) => rowSamples(row, fields, { file, line: lines[i]!, row: first + i }));
  const verdicts = await verdictsOf(read, reward, heartbeat);
  let text = '';
  const outcomes: (number | Cause)[] = [];
  for (const [i, one] of read.entries()) {
    text += wireLine({ ...one, row: rows[i]!, line: lines[i]!, verdicts: verdicts[i]! });
    for (const { value, cause } of verdicts[i]!) outcomes.push(value ?? cause ?? 'crash');
  }
  return { text, rows: rows.length, outcomes };
}

const keyOf = ({ spec, seconds, memory }: ChunkJob) => JSON.stringify([spec, seconds, memory]);

async function rewardOf(job: ChunkJob): Promise<Loaded> {
  const key = keyOf(job);
  const found = loaded.get(key);
  if (found !== undefined) {
    loaded.delete(key);
    loaded.set(key, found);
    const known = await found;
    known.used = true;
    return known;
  }
  const loading = load(job);
  loaded.set(key, loading);
  loading.catch(() => loaded.delete(key));
  if (loaded.size > kept) forget(loaded.keys().next().value!);
  return loading;
}

async function load({ spec, seconds, memory }: ChunkJob): Promise<Loaded> {
  try {
    const { reward, close } = await loadReward(spec, { seconds, memory });
    return { reward, close, identity: rewardIdentity(reward, spec) };
  } catch (thrown) {
    if (!(thrown instanceof InputError || thrown instanceof UnsupportedError)) throw thrown;
    throw new Refusal(`it cannot load the reward: ${oneLine(thrown)}`);
  }
}

function forget(key: string): void {
  const old = loaded.get(key);
  loaded.delete(key);
  void old?.then(({ close }) => close()).catch(() => {});
}

/** Row by row, so that the one that hangs is known; a reward that answers later gets all that is left together. */
async function verdictsOf(
  read: readonly RowSamples[],
  reward: Reward,
  heartbeat: Heartbeat,
): Promise<readonly (readonly Verdict[])[]> {
  const context: RewardContext = scoringContext();
  if (reward.scope !== 'sample') {
    const verdicts: (readonly Verdict[])[] = [];
    for (const row of read) {
      heartbeat.together(row.samples.length);
      verdicts.push((await scoreRead([row], reward, context))[0]!);
    }
    return verdicts;
  }
  const samples = read.flatMap((row) => row.samples);
  const flat: Verdict[] = [];
  for (let i = 0; i < samples.length; i++) {
    heartbeat.row();
    const result = callReward(reward, [samples[i]!], context);
    if (!(result instanceof Promise)) {
      flat.push(result[0]!);
      continue;
    }
    heartbeat.together(samples.length - i);
    const rest = callReward(reward, samples.slice(i + 1), context);
    flat.push(...(await result), ...(await rest));
    break;
  }
  let end = 0;
  return read.map((row) => {
    end += row.samples.length;
    return flat.slice(end - row.samples.length, end);
  });
}
