const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8 of a text. Lone surrogates have none and become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of any bytes; what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * For every byte, where the character that it belongs to starts in `decodeUtf8(bytes)`, in UTF-16 code units; one entry more
 * holds the length of the text. Ill-formed bytes are grouped as decoders do (WHATWG Encoding: one U+FFFD for each
 * longest beginning of a character).
 */
export function utf16Starts(bytes: Uint8Array): Int32Array {
  const starts = new Int32Array(bytes.length + 1);
  let at = 0; // code units so far
  let i = 0;
  while (i < bytes.length) {
    const { length, units } = character(bytes, i);
    for (let k = 0; k < length; k++) starts[i + k] = at;
    i += length;
    at += units;
  }
  starts[bytes.length] = at;
  return starts;
}

/** The bytes and UTF-16 code units of the character, or of the U+FFFD, that starts at a byte. */
function character(bytes: Uint8Array, at: number): { length: number; units: number } {
  const lead = bytes[at]!;
  if (lead < 0x80) return { length: 1, units: 1 };
  const needed =
    lead >= 0xc2 && lead <= 0xdf ? 1 : lead >> 4 === 0xe ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let k = 1; k <= needed; k++) {
    const byte = bytes[at + k];
    if (byte === undefined || byte < low || byte > high) return { length: k, units: 1 };
    low = 0x80;
    high = 0xbf;
  }
  return { length: needed + 1, units: needed === 3 ? 2 : 1 };
}
