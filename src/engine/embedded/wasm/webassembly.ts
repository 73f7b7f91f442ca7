/** The part of the WebAssembly interface that is used here; the compiler's libraries have it for browsers only. */
export interface Module {
  readonly [Symbol.toStringTag]: string;
}

export interface Memory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => Memory;
  readonly Instance: new (
    module: Module,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: { readonly [name: string]: unknown } };
}

export const { Module, Memory, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyInterface })
  .WebAssembly;
