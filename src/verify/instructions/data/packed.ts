import { inflateSync } from 'fflate';

/**
 * Reads the packed files of this folder. A file is a deflated stream of bytes in base 85 (the alphabet of Z85 with _ for the dollar sign), made of
 * - integers, seven bits a byte, lowest first, the highest bit set while more follow;
 * - sections: a length and that many bytes;
 * - word lists: how many, a section with how many UTF-16 units each shares with the one before, and a section of the
 *   rests, each with a line break;
 * - lists of rising indices: a section of their lengths and a section of differences;
 * - numbers: a section of bit lengths and a section of the bits below each leading one.
 */
export class Packed {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(text: string) {
    this.#bytes = inflateSync(fromBase85(text));
  }

  integer(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  section(): Uint8Array {
    const length = this.integer();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return new TextDecoder().decode(this.section());
  }

  words(): string[] {
    const count = this.integer();
    const shared = this.section();
    const rests = this.text().split('\n');
    const out = new Array<string>(count);
    let before = '';
    for (let i = 0; i < count; i++) out[i] = before = before.slice(0, shared[i]!) + rests[i]!;
    return out;
  }

  /** All lists end to end, and where each of the `count` lists starts (one more entry than lists). */
  indexLists(count: number): { starts: Int32Array; indices: Uint8Array } {
    const sizes = this.section();
    const steps = this.section();
    const starts = new Int32Array(count + 1);
    const indices = new Uint8Array(steps.length);
    let at = 0;
    for (let i = 0; i < count; i++) {
      let index = -1;
      for (const end = at + sizes[i]!; at < end; at++) indices[at] = index += steps[at]!;
      starts[i + 1] = at;
    }
    return { starts, indices };
  }

  numbers(): Float64Array {
    const lengths = this.section();
    const packed = this.section();
    const out = new Float64Array(lengths.length);
    let bit = 0;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!;
      let value = length === 0 ? 0 : 2 ** (length - 1);
      for (let k = 0; k < length - 1; k++, bit++) if ((packed[bit >> 3]! >> (bit & 7)) & 1) value += 2 ** k;
      out[i] = value;
    }
    return out;
  }
}

/** The whole of a packed text. */
export function unpackText(text: string): string {
  return new TextDecoder().decode(inflateSync(fromBase85(text)));
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%_#';

function fromBase85(text: string): Uint8Array {
  const digits = new Uint8Array(128);
  for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;
  const out = new Uint8Array((text.length / 5) * 4);
  for (let i = 0, o = 0; i < text.length; i += 5) {
    let value = 0;
    for (let k = 0; k < 5; k++) value = value * 85 + digits[text.charCodeAt(i + k)]!;
    out[o++] = value >>> 24;
    out[o++] = value >>> 16;
    out[o++] = value >>> 8;
    out[o++] = value;
  }
  return out;
}
