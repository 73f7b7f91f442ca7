/** Offline batches: files scored by workers on any number of machines, over Redis. */
export { type DeadLetter, type DeadLetterAction, deadLetters } from './dead-letters.ts';
export type { Progress } from './journal.ts';
export { placeOf } from './redis.ts';
export { type QueueScore, type QueueScoreOptions, scoreByQueue } from './score-by-queue.ts';
export { type QueueWorker, type QueueWorkerOptions, startQueueWorker } from './work.ts';
