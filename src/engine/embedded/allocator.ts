/** A free list over an index space that can be extended: first fit, neighbours joined. Sizes are multiples of 4. */
export interface Allocator {
  allocate(elements: number): number;
  free(at: number): void;
}

/** Elements asked for at a time, so that small blocks come from one extension. */
const chunk = 1 << 18;

/** `extend(n)` returns the start of n fresh elements, at a multiple of 4 and never 0. */
export function allocator(extend: (elements: number) => number): Allocator {
  /** Free blocks by rising start. */
  const starts: number[] = [];
  const sizes: number[] = [];
  const held = new Map<number, number>();

  function insert(at: number, size: number): void {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! < at) low = middle + 1;
      else high = middle;
    }
    starts.splice(low, 0, at);
    sizes.splice(low, 0, size);
    if (low + 1 < starts.length && at + size === starts[low + 1]) {
      sizes[low]! += sizes[low + 1]!;
      starts.splice(low + 1, 1);
      sizes.splice(low + 1, 1);
    }
    if (low > 0 && starts[low - 1]! + sizes[low - 1]! === at) {
      sizes[low - 1]! += sizes[low]!;
      starts.splice(low, 1);
      sizes.splice(low, 1);
    }
  }

  return {
    allocate(elements) {
      const size = Math.max(4, Math.ceil(elements / 4) * 4);
      let i = sizes.findIndex((free) => free >= size);
      if (i < 0) {
        const more = Math.max(size, chunk);
        insert(extend(more), more);
        i = sizes.findIndex((free) => free >= size);
      }
      const at = starts[i]!;
      if (sizes[i] === size) {
        starts.splice(i, 1);
        sizes.splice(i, 1);
      } else {
        starts[i]! += size;
        sizes[i]! -= size;
      }
      held.set(at, size);
      return at;
    },
    free(at) {
      const size = held.get(at);
      if (size === undefined) throw new Error(`block ${at} is not held`);
      held.delete(at);
      insert(at, size);
    },
  };
}
