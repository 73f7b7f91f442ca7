import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError, oneLine } from '../../core/errors.ts';
import { parseOptions } from '../../core/options.ts';
import type { Merges } from '../tokenizer/bpe.ts';
import { createTokenizer } from '../tokenizer/spec.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { activations } from './kernels.ts';

const tokenizer = z.discriminatedUnion('kind', [
  /** One token a character of the alphabet. */
  z.strictObject({ kind: z.literal('character'), alphabet: z.string().min(1) }),
  /** One token an entry; text is cut into the longest entries. */
  z.strictObject({ kind: z.literal('vocabulary'), entries: z.array(z.string().min(1)).min(1) }),
  /** One token a UTF-8 byte. */
  z.strictObject({ kind: z.literal('byte') }),
  /** Byte-pair encoding: its merges (see `trainBpe`), or the path of a JSON file `{ "merges": […] }`. */
  z.strictObject({
    kind: z.literal('bpe'),
    merges: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
    path: z.string().optional(),
  }),
]);

export const embeddedOptions = z.strictObject({
  layers: z.number().int().min(1).max(64).default(2),
  width: z.number().int().min(4).max(4096).default(64),
  heads: z.number().int().min(1).max(64).default(4),
  /** The longest input in tokens: context and completion together, without the last token. */
  context: z.number().int().min(1).max(4096).default(64),
  /** The language head is the token embedding. */
  tied: z.boolean().default(false),
  norm: z.enum(['layer', 'rms']).default('layer'),
  activation: z.enum(activations).default('gelu'),
  /** `language` says tokens; `scalar` gives a value a token; `both` does both. */
  head: z.enum(['language', 'scalar', 'both']).default('language'),
  tokenizer,
  /** `wasm` is float32 and fast; `float64` is the oracle that it is checked against. */
  arithmetic: z.enum(['wasm', 'float64']).default('wasm'),
  /** Fused multiply-add: faster, but other processors may round otherwise, so runs repeat on the same kind only. */
  relaxed: z.boolean().default(false),
  /** Standard deviation of the embeddings at the start; matrices follow it (see `initialise`). */
  initialScale: z.number().positive().max(10).default(0.04),
});

export type EmbeddedOptions = z.input<typeof embeddedOptions>;
export type ParsedOptions = z.output<typeof embeddedOptions>;

/** Throws InputError naming the option. */
export function parseEmbeddedOptions(options: EmbeddedOptions): ParsedOptions {
  const parsed = parseOptions(embeddedOptions, options, "engine 'embedded'");
  const size = parsed.width / parsed.heads;
  if (size % 4 !== 0)
    throw new InputError(
      `engine 'embedded': width ${parsed.width} over ${parsed.heads} heads is ${size} a head; it must be a multiple of 4`,
    );
  const { tokenizer } = parsed;
  if (tokenizer.kind === 'bpe' && (tokenizer.merges === undefined) === (tokenizer.path === undefined))
    throw new InputError("engine 'embedded': option 'tokenizer' needs merges or a path, one of them");
  return parsed;
}

/** The tokenizer that the options say. Throws InputError on a file that holds none. */
export function tokenizerOf({ tokenizer }: ParsedOptions): Tokenizer {
  if (tokenizer.kind !== 'bpe') return createTokenizer(tokenizer);
  if (tokenizer.merges) return createTokenizer({ kind: 'bpe', merges: tokenizer.merges });
  const file = tokenizer.path!;
  let saved: { merges?: unknown } | null;
  try {
    saved = JSON.parse(readFileSync(file, 'utf8')) as { merges?: unknown } | null;
  } catch (thrown) {
    throw new InputError(`cannot be read as JSON (${oneLine(thrown, 100)})`, { file });
  }
  try {
    // `createTokenizer` checks what came from the file.
    return createTokenizer({ kind: 'bpe', merges: saved?.merges as Merges });
  } catch (thrown) {
    throw new InputError(oneLine(thrown), { file });
  }
}
