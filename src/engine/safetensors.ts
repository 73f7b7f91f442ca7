import { InputError, oneLine } from '../core/errors.ts';

/**
 * The safetensors format (huggingface/safetensors, README 'Format'): the length of the header (u64), the header as JSON
 * (name → dtype, shape, data_offsets; `__metadata__` maps strings to strings), and the bytes of the tensors without gaps, all
 * little-endian, as typed arrays are on every platform that Node runs on.
 */
export type StoredArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: StoredArray;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: { readonly [key: string]: string };
}

/** The format's own limit, which keeps a damaged length from asking for all memory. */
const maxHeader = 100_000_000;

interface Dtype {
  readonly bytes: number;
  /** Takes an aligned copy of the tensor's bytes. */
  read(buffer: ArrayBuffer): StoredArray;
}

/** Half precision is widened to float32, which holds each of its values exactly; a boolean is a byte of 0 or 1. */
const dtypes: { readonly [name: string]: Dtype } = {
  F64: { bytes: 8, read: (buffer) => new Float64Array(buffer) },
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf) },
  BF16: { bytes: 2, read: (buffer) => fromBrainFloat(new Uint16Array(buffer)) },
  I64: { bytes: 8, read: (buffer) => new BigInt64Array(buffer) },
  U64: { bytes: 8, read: (buffer) => new BigUint64Array(buffer) },
  I32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  U32: { bytes: 4, read: (buffer) => new Uint32Array(buffer) },
  I16: { bytes: 2, read: (buffer) => new Int16Array(buffer) },
  U16: { bytes: 2, read: (buffer) => new Uint16Array(buffer) },
  I8: { bytes: 1, read: (buffer) => new Int8Array(buffer) },
  U8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  BOOL: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
};

function dtypeOf(data: StoredArray): string {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof BigUint64Array) return 'U64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint32Array) return 'U32';
  if (data instanceof Int16Array) return 'I16';
  if (data instanceof Uint16Array) return 'U16';
  return data instanceof Int8Array ? 'I8' : 'U8';
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function fromBrainFloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/**
 * Writes tensors as one safetensors file. Wider types come first and names are sorted, so that every tensor is aligned and
 * equal tensors give equal bytes. Throws RangeError when a shape does not fit its data.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: { readonly [key: string]: string } = {},
): Uint8Array {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.create(null); // a tensor may be called __proto__
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let at = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === '__metadata__' || product(shape) !== data.length)
      throw new RangeError(`tensor '${name}' of shape [${shape}] has ${data.length} values`);
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // padded with spaces, so that the tensors start aligned
  const out = new Uint8Array(8 + length + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.fill(0x20, 8 + text.length, 8 + length);
  out.set(text, 8);
  at = 8 + length;
  for (const [, { data }] of sorted) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

/** Reads a safetensors file, checking all that its header claims. Throws InputError naming file and tensor. */
export function readSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const refuse = (message: string, field?: string) => new InputError(message, { file, field });
  if (bytes.length < 8) throw refuse(`the file has ${bytes.length} bytes, too few for a safetensors header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > maxHeader || 8 + length > bytes.length)
    throw refuse(`the header claims ${length} bytes and the file has ${bytes.length}`);
  const header = parseHeader(bytes.subarray(8, 8 + length), refuse);
  const body = bytes.subarray(8 + length);
  const tensors = new Map<string, StoredTensor>();
  let metadata: { [key: string]: string } = {};
  const spans: { name: string; start: number; end: number }[] = [];
  for (const name of Object.keys(header)) {
    if (name === '__metadata__') {
      metadata = checkMetadata(header[name], refuse);
      continue;
    }
    const { dtype, shape, start, end } = checkEntry(name, header[name], body.length, refuse);
    spans.push({ name, start, end });
    tensors.set(name, { shape, data: dtype.read(new Uint8Array(body.subarray(start, end)).buffer) });
  }
  checkCover(spans, body.length, refuse);
  return { tensors, metadata };
}

type Refuse = (message: string, field?: string) => InputError;

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (thrown) {
    throw refuse(`the header is no JSON (${oneLine(thrown, 80)})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw refuse('the header is not an object');
  return header as Record<string, unknown>;
}

function checkMetadata(metadata: unknown, refuse: Refuse): { [key: string]: string } {
  const whole = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!whole || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw refuse('must map strings to strings', '__metadata__');
  return metadata as { [key: string]: string };
}

function checkEntry(
  name: string,
  entry: unknown,
  size: number,
  refuse: Refuse,
): { dtype: Dtype; shape: number[]; start: number; end: number } {
  const field = name.slice(0, 200);
  if (typeof entry !== 'object' || entry === null) throw refuse('must be an object', field);
  const { dtype: type, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const dtype = typeof type === 'string' && Object.hasOwn(dtypes, type) ? dtypes[type] : undefined;
  if (!dtype) throw refuse(`has dtype ${JSON.stringify(type)?.slice(0, 40)}, which cannot be read`, field);
  if (!isCounts(shape) || shape.length > 32) throw refuse('has no proper shape', field);
  if (!isCounts(offsets) || offsets.length !== 2) throw refuse('has no proper data_offsets', field);
  const [start, end] = offsets as [number, number];
  if (start > end || end > size)
    throw refuse(`lies at ${start} to ${end}, outside the ${size} bytes of the file's data`, field);
  if (product(shape) * dtype.bytes !== end - start)
    throw refuse(
      `of shape [${shape}] needs ${product(shape) * dtype.bytes} bytes and has ${end - start}`,
      field,
    );
  return { dtype, shape, start, end };
}

/** The tensors must cover the data without gap or overlap: bytes that nobody claims could hide anything. */
function checkCover(
  spans: { name: string; start: number; end: number }[],
  size: number,
  refuse: Refuse,
): void {
  let at = 0;
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at)
      throw refuse(`starts at ${start} and the tensor before it ends at ${at}`, name.slice(0, 200));
    at = end;
  }
  if (at !== size) throw refuse(`the tensors end at ${at} and the file's data at ${size}`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, one) => all * one, 1);
}
