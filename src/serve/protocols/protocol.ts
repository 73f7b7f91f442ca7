import type { ServeOptions } from '../options.ts';
import type { Router } from '../routes.ts';
import type { Scorer } from '../scorer.ts';

/** What a protocol is given. */
export interface ProtocolContext {
  readonly router: Router;
  readonly scorer: Scorer;
  readonly options: ServeOptions;
}

/** A protocol adds its routes. */
export type Protocol = (context: ProtocolContext) => void;
