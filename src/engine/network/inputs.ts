import { z } from 'zod';
import { InputError } from '../../core/errors.ts';
import { hash32 } from '../../core/hash.ts';
import { type Prompt, promptText } from '../../core/task.ts';

/** How a prompt becomes the numbers that the network reads. */
export const inputsSchema = z.discriminatedUnion('kind', [
  /** The prompt's features part, of this size. */
  z.strictObject({ kind: z.literal('features'), size: z.number().int().min(1).max(1_000_000) }),
  /** One of these texts: a one for it, zeros for the others. */
  z.strictObject({ kind: z.literal('oneHot'), texts: z.array(z.string()).min(1).max(100_000) }),
  /** Any text: its words, each with and without its place, add ±1 at hashed positions. */
  z.strictObject({ kind: z.literal('hashed'), size: z.number().int().min(1).max(1_000_000) }),
]);

export type Inputs = z.output<typeof inputsSchema>;

export interface InputReader {
  readonly size: number;
  /** Fills the row of a prompt, which holds zeros. Throws InputError on a prompt that the inputs do not know. */
  write(prompt: Prompt, row: { [index: number]: number }, at: number): void;
}

export function inputReader(inputs: Inputs): InputReader {
  switch (inputs.kind) {
    case 'features':
      return {
        size: inputs.size,
        write(prompt, row, at) {
          const features = featuresOf(prompt);
          if (features.length !== inputs.size)
            throw new InputError(`a prompt has ${features.length} features, expected ${inputs.size}`);
          for (let i = 0; i < features.length; i++) row[at + i] = features[i]!;
        },
      };
    case 'oneHot': {
      const places = new Map(inputs.texts.map((text, i) => [text, i]));
      return {
        size: inputs.texts.length,
        write(prompt, row, at) {
          const text = promptText(prompt);
          const place = places.get(text);
          if (place === undefined)
            throw new InputError(
              `'${text.slice(0, 80)}' is none of the ${inputs.texts.length} texts of the network's inputs`,
            );
          row[at + place] = 1;
        },
      };
    }
    case 'hashed':
      return {
        size: inputs.size,
        write(prompt, row, at) {
          let place = 0;
          for (const [word] of promptText(prompt).matchAll(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)) {
            for (const name of [word, `${place}\u001f${word}`]) {
              const bits = hash32(name);
              const i = at + ((bits >>> 1) % inputs.size);
              row[i] = row[i]! + (bits & 1 ? 1 : -1);
            }
            place++;
          }
        },
      };
  }
}

function featuresOf(prompt: Prompt): Float32Array {
  if (typeof prompt !== 'string')
    for (const { content } of prompt)
      if (typeof content !== 'string')
        for (const part of content) if (part.type === 'features') return part.features;
  throw new InputError("engine 'network' with features needs a prompt with a features part");
}
