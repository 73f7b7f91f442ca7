/** `GET /session`: the server and its store. */
import { z } from 'zod';
import { time } from './fields.ts';

export const session = z.object({
  version: z.string(),
  /** The file, and whether it can be read: `missing` is normal before the first run, `error` says what is wrong. */
  store: z.object({
    path: z.string(),
    state: z.enum(['ready', 'missing', 'error']),
    error: z.string().optional(),
  }),
  /** For the header `x-assay-token`. */
  token: z.string(),
  /** False: tags and delete are refused (the server is open to other machines and the caller is one). */
  mayChange: z.boolean(),
  now: time,
});
export type Session = z.output<typeof session>;
