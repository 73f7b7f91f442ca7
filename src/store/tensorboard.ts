import { join } from 'node:path';
import { writeFileAtomic } from './atomic.ts';
import { crc32c } from './crc32c.ts';
import type { Store } from './store.ts';

/**
 * Writes a run's metrics, clocks and evaluations as one TensorBoard event file in `folder`, and returns its path. Scalars
 * only; they are float32 there. Clock metrics are called `clock/NAME`, evaluations `evaluation/NAME/METRIC`.
 */
export async function writeTensorboard(store: Store, run: string, folder: string): Promise<string> {
  const { created } = store.run(run);
  const path = join(folder, `events.out.tfevents.${Math.floor(created / 1000)}.assay`);
  await writeFileAtomic(path, Buffer.concat([...eventRecords(store, run)]));
  return path;
}

function* eventRecords(store: Store, run: string): Generator<Uint8Array> {
  yield record(event(store.run(run).created, 0, bytesField(3, text('brain.Event:2'))));
  for (const { step, time, metrics, clock } of store.steps(run)) {
    const clocks = Object.entries(clock).map(([name, value]): [string, number] => [`clock/${name}`, value]);
    yield record(event(time, step, scalars([...Object.entries(metrics), ...clocks])));
  }
  for (const { step, time, name, metrics } of store.evaluations(run)) {
    const named = Object.entries(metrics).map(([metric, value]): [string, number] => [
      `evaluation/${name}/${metric}`,
      value,
    ]);
    yield record(event(time, step, scalars(named)));
  }
}

/** tensorflow/core/util/event.proto: wall_time = 1 (double, seconds), step = 2 (int64), file_version = 3, summary = 5. */
function event(milliseconds: number, step: number, content: Uint8Array): Uint8Array {
  const time = new Uint8Array(9);
  time[0] = (1 << 3) | 1;
  new DataView(time.buffer).setFloat64(1, milliseconds / 1000, true);
  return Buffer.concat([time, Uint8Array.of(2 << 3), varint(step), content]);
}

/** tensorflow/core/framework/summary.proto: Summary.value = 1, of Value: tag = 1, simple_value = 2 (float). */
function scalars(values: readonly (readonly [string, number])[]): Uint8Array {
  const parts = values
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value]) => {
      const number = new Uint8Array(5);
      number[0] = (2 << 3) | 5;
      new DataView(number.buffer).setFloat32(1, value, true);
      return bytesField(1, Buffer.concat([bytesField(1, text(name)), number]));
    });
  return bytesField(5, Buffer.concat(parts));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((field << 3) | 2), varint(bytes.length), bytes]);
}

/** Negative numbers take the ten bytes of their 64-bit two's complement. */
function varint(value: number): Uint8Array {
  let left = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
  out.push(Number(left));
  return Uint8Array.from(out);
}

/** A TFRecord: length, its masked checksum, content, its masked checksum. */
function record(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + content.length + 4);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, masked(crc32c(out.subarray(0, 8))), true);
  out.set(content, 12);
  view.setUint32(12 + content.length, masked(crc32c(content)), true);
  return out;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
