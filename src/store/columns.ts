/**
 * Numbers of a block of samples by name, so that a filter over hundreds of thousands of samples reads a few bytes a sample
 * and no text. A column with fewer than 256 distinct values (rewards mostly) is a table of them and a byte a row, any other is
 * raw float64; NaN stands for 'none'. Layout: header length (u32), header (JSON: rows, then name and table size of each
 * column, 0 is raw), columns in order; little-endian.
 */
export type Columns = ReadonlyMap<string, Float64Array>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeColumns(n: number, columns: Columns): Uint8Array {
  const header: [number, ...(readonly [string, number])[]] = [n];
  const bodies: Uint8Array[] = [];
  for (const [name, values] of columns) {
    const [size, body] = encodeColumn(values);
    header.push([name, size]);
    bodies.push(body);
  }
  const head = encoder.encode(JSON.stringify(header));
  const out = new Uint8Array(4 + head.length + bodies.reduce((sum, body) => sum + body.length, 0));
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4);
  let at = 4 + head.length;
  for (const body of bodies) {
    out.set(body, at);
    at += body.length;
  }
  return out;
}

function encodeColumn(values: Float64Array): [tableSize: number, body: Uint8Array] {
  const places = new Map<number, number>();
  const codes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let place = places.get(values[i]!);
    if (place === undefined) {
      place = places.size;
      if (place === 256) break;
      places.set(values[i]!, place);
    }
    codes[i] = place;
  }
  const table = Float64Array.from(places.keys());
  if (places.size === 256 || table.byteLength + codes.length >= values.byteLength)
    return [0, new Uint8Array(values.slice().buffer)];
  const body = new Uint8Array(table.byteLength + codes.length);
  body.set(new Uint8Array(table.buffer));
  body.set(codes, table.byteLength);
  return [table.length, body];
}

/** The columns of an encoded block; with `names`, only those (absent ones are left out). */
export function decodeColumns(bytes: Uint8Array, names?: readonly string[]): Map<string, Float64Array> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const [n, ...entries] = JSON.parse(decoder.decode(bytes.subarray(4, 4 + length))) as [
    number,
    ...[string, number][],
  ];
  const out = new Map<string, Float64Array>();
  let at = 4 + length;
  for (const [name, size] of entries) {
    const end = at + (size === 0 ? 8 * n : 8 * size + n);
    if (names === undefined || names.includes(name)) {
      const body = new Uint8Array(bytes.subarray(at, end)); // a copy: float64 views need aligned bytes
      if (size === 0) out.set(name, new Float64Array(body.buffer, 0, n));
      else {
        const table = new Float64Array(body.buffer, 0, size);
        const column = new Float64Array(n);
        for (let i = 0; i < n; i++) column[i] = table[body[8 * size + i]!]!;
        out.set(name, column);
      }
    }
    at = end;
  }
  return out;
}
