import { type OpenedModule, type PlugInLimits, PlugInProblem } from './plug-in-messages.ts';

/** What is used here of a global of Node that its types leave to those of browsers. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
type Exported = (...values: number[]) => unknown;
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): { module: string; name: string }[];
    customSections(module: object, name: string): ArrayBuffer[];
  };
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const MANIFEST_SECTION = 'cloudoptim.manifest';
const MOST_WORDS = 300;

/**
 * Instantiates a WebAssembly module that imports nothing. It exports `memory`, `alloc(length: i32) → i32` and
 * `decide(pointer: i32, length: i32) → i64`: UTF-8 JSON in, and out at `result >> 32` with length `result & 0xffffffff`. A custom section
 * `cloudoptim.manifest` may hold the manifest.
 * Its memory is capped by the child's flag `--wasm-max-mem-pages`; there is no fuel, so an endless loop ends with the child.
 * @throws PlugInProblem
 */
export function openWebAssembly(bytes: Uint8Array, limits: PlugInLimits): OpenedModule {
  const module = attempt(() => new WebAssembly.Module(bytes));
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) {
    const names = imports.slice(0, 5).map(({ module: from, name }) => `${from}.${name}`);
    throw new PlugInProblem(
      `it imports ${names.join(', ').slice(0, MOST_WORDS)}; an engine is given nothing`,
    );
  }
  const { memory, alloc, decide } = attempt(() => new WebAssembly.Instance(module)).exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new PlugInProblem('it exports no memory "memory"');
  if (typeof alloc !== 'function') throw new PlugInProblem('it exports no function "alloc"');
  if (typeof decide !== 'function') throw new PlugInProblem('it exports no function "decide"');
  const [section] = WebAssembly.Module.customSections(module, MANIFEST_SECTION);
  return {
    manifestText: section ? decode(new Uint8Array(section), 'manifest') : null,
    decide: inputText => {
      const input = new TextEncoder().encode(inputText);
      const pointer = attempt(() => Number((alloc as Exported)(input.length))) >>> 0;
      if (pointer + input.length > memory.buffer.byteLength) {
        const mib = limits.memoryMib;
        throw new PlugInProblem(
          `alloc(${input.length}) gave ${pointer}, which is not in its memory (at most ${mib} MiB)`,
          true,
        );
      }
      new Uint8Array(memory.buffer).set(input, pointer);
      const packed = attempt(() => (decide as Exported)(pointer, input.length));
      if (typeof packed !== 'bigint') throw new PlugInProblem('decide gave no i64');
      const at = Number(BigInt.asUintN(32, packed >> 32n));
      const length = Number(BigInt.asUintN(32, packed));
      if (length > limits.outputUnits) {
        throw new PlugInProblem(`its answer is longer than ${limits.outputUnits} bytes`, true);
      }
      if (at + length > memory.buffer.byteLength)
        throw new PlugInProblem('its answer is not in its memory', true);
      return decode(new Uint8Array(memory.buffer, at, length), 'answer');
    },
  };
}

/** Traps and compile errors in the module's own name. */
function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { name, message } = error as Error;
    const isTrap = name === 'RuntimeError' || name === 'RangeError';
    throw new PlugInProblem(`${name}: ${message}`.slice(0, MOST_WORDS), isTrap);
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PlugInProblem(`its ${what} is not UTF-8`);
  }
}
