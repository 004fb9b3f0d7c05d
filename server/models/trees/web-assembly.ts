/** A memory of WebAssembly that keeps its size. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module. */
export type WasmModule = object;

interface WasmHost {
  readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { host: { memory: WasmMemory } },
  ) => { readonly exports: unknown };
}

/** WebAssembly of this process, whose types TypeScript has for browsers only. */
export const wasm: WasmHost = (globalThis as unknown as { WebAssembly: WasmHost }).WebAssembly;
