import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { prefix, queueName } from './job.ts';

/** How many events BullMQ keeps: they carry results, and nobody reads them here. */
const events = 16;

/** The queue of one version of Assay. The connection is the caller's, also to close. */
export function openQueue(redis: Redis, version: string): Queue {
  const queue = new Queue(queueName(version), {
    connection: redis,
    prefix,
    streams: { events: { maxLen: events } },
  });
  queue.on('error', () => {}); // the connection's own handler tells
  return queue;
}
