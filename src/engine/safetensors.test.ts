import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineState } from '../core/engine.ts';
import { InputError } from '../core/errors.ts';
import { modelFiles, readEngineState, readModelFiles, writeEngineState } from './model-files.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';

/** A file of any header and body. */
function raw(header: unknown, body = 0, length?: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + text.length + body);
  new DataView(out.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  out.set(text, 8);
  return out;
}

function refusal(bytes: Uint8Array): InputError {
  try {
    readSafetensors(bytes, 'w.safetensors');
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as Error).message).toMatch(/^w\.safetensors[^\n]*$/);
    return thrown as InputError;
  }
  throw new Error('it was read');
}

describe('safetensors', () => {
  it('reads the files of the reference package', () => {
    // made by bench/parity/safetensors_files.py with safetensors 0.8.0 (PyPI)
    const { tensors, metadata } = readSafetensors(
      readFileSync(join(import.meta.dirname, 'fixtures', 'python.safetensors')),
    );
    const values = [0, -0, 1, -1.5, 0.1, 6.0e-8, 65504, Infinity, -Infinity, 2 ** -24];
    expect(metadata.package).toBe('safetensors 0.8.0 (PyPI)');
    expect(tensors.get('double')).toEqual({ shape: [2, 5], data: Float64Array.from(values) });
    expect(tensors.get('float')).toEqual({ shape: [5, 2], data: Float32Array.from(values) });
    const half = tensors.get('half')!.data as Float32Array;
    expect([...half.slice(0, 4), ...half.slice(6)]).toEqual([...values.slice(0, 4), ...values.slice(6)]);
    expect(half[4]).toBe(0.0999755859375);
    expect(half[5]).toBe(2 ** -24);
    expect(tensors.get('long')!.data).toEqual(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n));
    expect(tensors.get('int')).toEqual({ shape: [2, 1], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) });
    expect(tensors.get('short')!.data).toEqual(Int16Array.of(-32768, 32767));
    expect(tensors.get('byte')!.data).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6));
    expect(tensors.get('flag')!.data).toEqual(Uint8Array.of(1, 0, 1));
    expect(tensors.get('scalar')).toEqual({ shape: [], data: Float32Array.of(3.25) });
    expect(tensors.get('empty')).toEqual({ shape: [0, 4], data: new Float32Array(0) });
    expect(tensors.get('naïve 😀')!.data).toEqual(Float32Array.of(1));
  });

  it('gives back every bit, whatever the alignment', () => {
    const bits = new Float32Array(Uint32Array.of(0x7fc01234, 0x80000000, 1, 0x3f800000).buffer);
    const tensors = new Map<string, StoredTensor>([
      ['bits', { shape: [4], data: bits }],
      ['__proto__', { shape: [3], data: Float64Array.of(1, 2, 3).subarray(0, 3) }],
      ['view', { shape: [2], data: Int8Array.of(9, 1, 2, 9).subarray(1, 3) }],
    ]);
    const written = writeSafetensors(tensors, { note: 'x' });
    const shifted = new Uint8Array(written.length + 3);
    shifted.set(written, 3);
    const { tensors: read, metadata } = readSafetensors(shifted.subarray(3));
    expect(metadata).toEqual({ note: 'x' });
    expect([...read.keys()].sort()).toEqual(['__proto__', 'bits', 'view']);
    expect([...new Uint32Array((read.get('bits')!.data as Float32Array).buffer)]).toEqual([
      0x7fc01234, 0x80000000, 1, 0x3f800000,
    ]);
    expect([...read.get('__proto__')!.data]).toEqual([1, 2, 3]);
    expect([...read.get('view')!.data]).toEqual([1, 2]);
    expect(writeSafetensors(new Map([...tensors].reverse()), { note: 'x' })).toEqual(written);
    expect(new DataView(written.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it('widens bfloat16 exactly', () => {
    const bytes = raw({ x: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, 4);
    bytes.set([0x80, 0x3f, 0x40, 0xc0], bytes.length - 4);
    expect([...readSafetensors(bytes).tensors.get('x')!.data]).toEqual([1, -3]);
  });

  it('names the file and what is wrong with it', () => {
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    expect(refusal(new Uint8Array(3)).message).toContain('3 bytes, too few');
    expect(refusal(raw({ x: entry }, 8, 2 ** 40)).message).toContain('the header claims');
    expect(refusal(raw({}, 0, 3)).message).toContain('the header claims 3 bytes');
    expect(refusal(raw('{"x":')).message).toContain('the header is no JSON');
    expect(refusal(raw('[]')).message).toContain('not an object');
    expect(refusal(raw({ x: 1 })).where.field).toBe('x');
    expect(refusal(raw({ x: { ...entry, dtype: 'toString' } }, 8)).message).toContain('has dtype "toString"');
    expect(refusal(raw({ x: { ...entry, dtype: 'F8_E4M3' } }, 8)).message).toContain('cannot be read');
    expect(refusal(raw({ x: { ...entry, shape: [-2] } }, 8)).message).toContain('no proper shape');
    expect(refusal(raw({ x: { ...entry, shape: [2 ** 40, 2 ** 40] } }, 8)).message).toContain('needs');
    expect(refusal(raw({ x: { ...entry, data_offsets: [0] } }, 8)).message).toContain(
      'no proper data_offsets',
    );
    expect(refusal(raw({ x: { ...entry, data_offsets: [0, 16] } }, 8)).message).toContain(
      'outside the 8 bytes',
    );
    expect(refusal(raw({ x: { ...entry, shape: [3] } }, 8)).message).toContain('needs 12 bytes and has 8');
    expect(refusal(raw({ x: entry }, 9)).message).toContain("end at 8 and the file's data at 9");
    expect(refusal(raw({ x: entry, y: { ...entry, data_offsets: [4, 12] } }, 12)).where.field).toBe('y');
    expect(refusal(raw({ __metadata__: { a: 1 } })).where.field).toBe('__metadata__');
    const whole = writeSafetensors(new Map([['x', { shape: [4], data: new Float32Array(4) }]]));
    expect(refusal(whole.subarray(0, whole.length - 4)).message).toContain('outside the 12 bytes');
    expect(() => writeSafetensors(new Map([['x', { shape: [3], data: new Float32Array(4) }]]))).toThrow(
      RangeError,
    );
  });
});

describe('engine state', () => {
  const state: EngineState = {
    tensors: new Map([
      ['weight', { shape: [2, 2], data: Float32Array.of(1, -0, 3, 4) }],
      ['adam.m.weight', { shape: [4], data: Float64Array.of(0.1, 0.2, 0.3, 0.4) }],
    ]),
    numbers: { optimizerStep: 12, loss: 0.1 + 0.2 },
  };

  it('comes back with its config', () => {
    const files = modelFiles({ layers: 2, name: 'é' }, state);
    const bytes = new Map([...files].map(([name, content]) => [name, Buffer.from(content)]));
    const read = readModelFiles(bytes);
    expect(read.config).toEqual({ layers: 2, name: 'é' });
    expect(read.state.numbers).toEqual(state.numbers);
    expect(new Map([...read.state.tensors].sort())).toEqual(new Map([...state.tensors].sort()));
    expect(Object.is((read.state.tensors.get('weight')!.data as Float32Array)[1], -0)).toBe(true);
  });

  it('that is damaged names file and field', () => {
    const bytes = writeEngineState(state);
    expect(() => readModelFiles(new Map([['config.json', Buffer.from('{')]]), 'm')).toThrow(
      /^m\/config\.json: is no JSON/,
    );
    expect(() => readModelFiles(new Map(), 'm')).toThrow('m/config.json: the file is missing');
    expect(() => readModelFiles(new Map([['config.json', Buffer.from('{}')]]), 'm')).toThrow(
      'm/model.safetensors',
    );
    expect(() => readEngineState(bytes.subarray(0, 50))).toThrow(InputError);
    const integers = writeSafetensors(new Map([['x', { shape: [1], data: Int32Array.of(1) }]]));
    expect(() => readEngineState(integers)).toThrow("field 'x': must hold floating-point numbers");
    for (const numbers of ['[]', '{"a":"b"}', '{', 'null'])
      expect(() => readEngineState(writeSafetensors(new Map(), { numbers }))).toThrow(
        "field '__metadata__.numbers'",
      );
    expect(readEngineState(writeSafetensors(new Map())).numbers).toEqual({});
    expect(() => writeEngineState({ tensors: new Map(), numbers: { a: Number.NaN } })).toThrow(RangeError);
  });
});
