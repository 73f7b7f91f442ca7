/** Runs in a worker thread: scores chunks, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import type { ChunkJob } from './job.ts';
import { Refusal, scoreChunk } from './score-chunk.ts';
import type { ThreadAnswer } from './scoring-thread.ts';

const host = parentPort!;
/** [beats, samples that run together (0: one row at a time)]. */
const pulse = new Int32Array((workerData as { pulse: SharedArrayBuffer }).pulse);

const heartbeat = {
  row: () => {
    Atomics.add(pulse, 0, 1);
  },
  together: (samples: number) => {
    Atomics.store(pulse, 1, samples);
    Atomics.add(pulse, 0, 1);
  },
};

host.on('message', (job: ChunkJob) => {
  Atomics.store(pulse, 1, 0);
  scoreChunk(job, heartbeat).then(
    (result) => host.postMessage({ kind: 'scored', result } satisfies ThreadAnswer),
    (thrown) => {
      const kind = thrown instanceof Refusal ? 'refused' : 'failed';
      host.postMessage({ kind, message: oneLine(thrown) } satisfies ThreadAnswer);
    },
  );
});
host.postMessage({ kind: 'started' } satisfies ThreadAnswer);
