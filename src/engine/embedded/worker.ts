import { parentPort, workerData } from 'node:worker_threads';
import type { Command } from './lane.ts';
import { lane } from './lane.ts';
import type { Shape } from './layout.ts';
import { type WasmSource, wasmKernels } from './wasm/kernels.ts';

/** What a worker thread is started with. */
export interface WorkerData {
  readonly source: WasmSource;
  readonly shape: Shape;
  /** One integer, shared: 1 while sampling is to be given up. */
  readonly aborted: Int32Array;
}

export interface WorkerRequest {
  readonly id: number;
  readonly command: Command;
}

export type WorkerReply =
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly failed: string };

const { source, shape, aborted } = workerData as WorkerData;
const own = lane(wasmKernels(source), shape, () => Atomics.load(aborted, 0) === 1);
const port = parentPort!;
port.on('message', ({ id, command }: WorkerRequest) => {
  own.run(command).then(
    (reply) => port.postMessage({ id, reply } satisfies WorkerReply),
    (thrown: unknown) => port.postMessage({ id, failed: String(thrown) } satisfies WorkerReply),
  );
});
