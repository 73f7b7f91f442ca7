/** Vitest's global set-up: the page that the browser tests look at, built when it is not up to date. */
import { buildWeb } from '../../tools/build-web.ts';

export async function setup(): Promise<void> {
  await buildWeb();
}
