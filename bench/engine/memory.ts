/** Trains the reference model for a few steps on two threads and prints the peak memory of the process in MB. */
import { embedded } from '../../src/engine/embedded/index.ts';
import { reference, referenceBatch, timeStep } from './reference.ts';

const engine = await embedded(reference).create({ seed: 1, threads: 2 });
for (let i = 0; i < 5; i++) await timeStep(engine, referenceBatch());
console.log(process.resourceUsage().maxRSS / 1024);
await engine.close();
