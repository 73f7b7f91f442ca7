import type { EngineState, Tensor } from '../core/engine.ts';
import { InputError, oneLine } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** The files of a saved engine: weights and optimiser state, and beside them how the engine is built. */
export const weightsFile = 'model.safetensors';
export const configFile = 'config.json';

/** An engine as files, for a checkpoint or for a model folder of its own. */
export function modelFiles(config: Json, state: EngineState): Map<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    [configFile, `${JSON.stringify(config, null, 2)}\n`],
    [weightsFile, writeEngineState(state)],
  ]);
}

/** What `modelFiles` made. `folder` is where they were read from, for error messages. Throws InputError. */
export function readModelFiles(
  files: ReadonlyMap<string, Uint8Array>,
  folder = '',
): { config: Json; state: EngineState } {
  const need = (name: string): [bytes: Uint8Array, file: string] => {
    const file = folder === '' ? name : `${folder}/${name}`;
    const bytes = files.get(name);
    if (!bytes) throw new InputError('the file is missing', { file });
    return [bytes, file];
  };
  const [bytes, file] = need(configFile);
  let config: Json;
  try {
    config = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (thrown) {
    throw new InputError(`is no JSON (${oneLine(thrown, 80)})`, { file });
  }
  return { config, state: readEngineState(...need(weightsFile)) };
}

/** An engine's state as a safetensors file; its numbers stand in the metadata. */
export function writeEngineState({ tensors, numbers }: EngineState): Uint8Array {
  for (const [name, value] of Object.entries(numbers))
    if (!Number.isFinite(value)) throw new RangeError(`the engine's number '${name}' is ${value}`);
  return writeSafetensors(tensors, { numbers: JSON.stringify(numbers) });
}

/** Throws InputError naming the file and the field when anything is not as `writeEngineState` writes it. */
export function readEngineState(bytes: Uint8Array, file = weightsFile): EngineState {
  const { tensors: stored, metadata } = readSafetensors(bytes, file);
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, data }] of stored) {
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      throw new InputError('must hold floating-point numbers', { file, field: name.slice(0, 200) });
    tensors.set(name, { shape, data });
  }
  return { tensors, numbers: readNumbers(metadata.numbers, file) };
}

function readNumbers(text: string | undefined, file: string): { [name: string]: number } {
  const refused = () =>
    new InputError('must be a JSON object of numbers', { file, field: '__metadata__.numbers' });
  if (text === undefined) return {}; // weights from elsewhere: no optimiser
  let numbers: unknown;
  try {
    numbers = JSON.parse(text);
  } catch {
    throw refused();
  }
  if (typeof numbers !== 'object' || numbers === null || Array.isArray(numbers)) throw refused();
  if (Object.values(numbers).some((value) => typeof value !== 'number')) throw refused();
  return numbers as { [name: string]: number };
}
