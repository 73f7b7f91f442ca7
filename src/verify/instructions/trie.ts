/**
 * The strings of a list by their UTF-16 units: a node for each prefix, children in an open hash table over (node, unit).
 * Node 0 is the empty string, -1 is none.
 */
export class Trie {
  /** Per node the index of the string that ends there, or -1. */
  readonly entries: Int32Array;
  readonly #keys: Uint32Array;
  readonly #children: Int32Array;
  readonly #mask: number;
  #made = 1;

  constructor(words: readonly string[]) {
    let nodes = 1;
    for (const word of words) nodes += word.length; // at most: prefixes are shared
    const size = 2 ** Math.ceil(Math.log2(nodes * 1.5));
    this.#keys = new Uint32Array(size);
    this.#children = new Int32Array(size);
    this.#mask = size - 1;
    this.entries = new Int32Array(nodes).fill(-1);
    // Nodes with children first: a key has 16 bits for the parent.
    for (const word of words) this.#insert(word, word.length - 1);
    if (this.#made > 65536) throw new RangeError('a trie holds at most 65536 nodes with children');
    words.forEach((word, index) => {
      this.entries[this.#insert(word, word.length)] = index;
    });
  }

  /** The node of the prefix with one more unit. */
  child(node: number, unit: number): number {
    if (node < 0 || node > 65535) return -1;
    return this.#children[this.#slot(node, unit)]! || -1;
  }

  #insert(word: string, length: number): number {
    let node = 0;
    for (let i = 0; i < length; i++) {
      const slot = this.#slot(node, word.charCodeAt(i));
      if (this.#children[slot] === 0) {
        this.#keys[slot] = node * 65536 + word.charCodeAt(i);
        this.#children[slot] = this.#made++;
      }
      node = this.#children[slot]!;
    }
    return node;
  }

  #slot(node: number, unit: number): number {
    const key = node * 65536 + unit;
    let slot = Math.imul(key, 0x9e3779b1);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    while (this.#children[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask;
    return slot;
  }
}
