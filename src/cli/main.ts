/** The command line: what `npm run -s assay --` and the launcher in bin/ start. */
import { enableCompileCache } from 'node:module';

// Compiled code is kept between runs (in the system's folder for temporary files): a start takes a third of the time.
enableCompileCache();
const { run } = await import('./run.ts');

// `assay … | head` closes our output early; that is not an error of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

const code = await run(process.argv.slice(2));
// Output to a pipe is asynchronous: leave only when all of it is out, but then do leave.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
await new Promise<void>((resolve) => process.stderr.write('', () => resolve()));
process.exit(code);
