/**
 * Writes functions and modules of WebAssembly as bytes (core specification 2.0, chapter 5, with vectors of 128 bits). Only
 * what the kernels of trees need, so that they are TypeScript like all the rest and no binary lies in the repository.
 */

/** Types of values, by their bytes. */
export const TYPE = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** Instructions without operands, by their bytes. */
const PLAIN = {
  drop: 0x1a,
  select: 0x1b,
  'i32.ne': 0x47,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_u': 0x76,
  'f64.ne': 0x62,
  'f64.lt': 0x63,
  'f64.add': 0xa0,
  'f32.demote_f64': 0xb6,
  'f64.promote_f32': 0xbb,
} as const;

/** Instructions that read or write memory; the second byte says how the address is aligned (a power of two). */
const MEMORY = {
  'i32.load': [0x28, 2],
  'i32.load16_s': [0x2e, 1],
  'i32.load16_u': [0x2f, 1],
  'f64.load': [0x2b, 3],
  'f64.store': [0x39, 3],
  'i32.store16': [0x3b, 1],
} as const;

/** Instructions on vectors, by their numbers behind the prefix 0xfd. */
const VECTOR = {
  'i16x8.splat': 0x10,
  'i16x8.gt_s': 0x31,
  'v128.and': 0x4e,
  'v128.or': 0x50,
  'v128.bitselect': 0x52,
};
const VECTOR_MEMORY = { 'v128.load': 0x00, 'v128.load32_splat': 0x09 };
const VECTOR_PREFIX = 0xfd;
const EXTRACT_16_UNSIGNED = 0x19;

/** A variable of a function: a parameter or a local. */
export type Variable = number;

/** A function under construction; every parameter is an i32, and it gives nothing back. */
export class WasmFunction {
  readonly parameters: number;
  readonly #code: number[] = [];
  readonly #locals: number[] = [];

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  local(type: keyof typeof TYPE): Variable {
    return this.parameters + this.#locals.push(TYPE[type]) - 1;
  }

  get(variable: Variable): this {
    return this.#write(0x20, ...unsigned(variable));
  }

  set(variable: Variable): this {
    return this.#write(0x21, ...unsigned(variable));
  }

  tee(variable: Variable): this {
    return this.#write(0x22, ...unsigned(variable));
  }

  constant(value: number): this {
    return this.#write(0x41, ...signed(value));
  }

  op(...names: readonly (keyof typeof PLAIN)[]): this {
    return this.#write(...names.map(name => PLAIN[name]));
  }

  /** Reads or writes memory so many bytes behind the address on the stack. */
  memory(name: keyof typeof MEMORY, offset: number): this {
    const [code, alignment] = MEMORY[name];
    return this.#write(code, alignment, ...unsigned(offset));
  }

  vector(...names: readonly (keyof typeof VECTOR)[]): this {
    for (const name of names) this.#write(VECTOR_PREFIX, ...unsigned(VECTOR[name]));
    return this;
  }

  vectorMemory(name: keyof typeof VECTOR_MEMORY, offset: number): this {
    return this.#write(VECTOR_PREFIX, ...unsigned(VECTOR_MEMORY[name]), 0, ...unsigned(offset));
  }

  /** One of eight lanes of 16 bits, as an i32. */
  lane(index: number): this {
    return this.#write(VECTOR_PREFIX, ...unsigned(EXTRACT_16_UNSIGNED), index);
  }

  /** Runs the body, and again as long as it leaves something else than 0 on the stack. */
  repeat(body: () => void): this {
    this.#write(0x03, 0x40);
    body();
    return this.#write(0x0d, 0x00, 0x0b);
  }

  /** Counts a variable down by one and leaves it on the stack. */
  countDown(variable: Variable): this {
    return this.get(variable).constant(1).op('i32.sub').tee(variable);
  }

  /** Adds to a variable. */
  advance(variable: Variable, by: number): this {
    return this.get(variable).constant(by).op('i32.add').set(variable);
  }

  toBytes(): number[] {
    const locals = list(this.#locals.map(type => [1, type]));
    return sized([...locals, ...this.#code, 0x0b]);
  }

  #write(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }
}

/** A module of these functions, exported by their names, that works on the imported memory `host.memory`. */
export function wasmModule(functions: Readonly<Record<string, WasmFunction>>): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions);
  const section = (id: number, entries: readonly number[][]) => [id, ...sized(list(entries))];
  const types = all.map(([, { parameters }]) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [TYPE.i32])),
    0,
  ]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, 0x00];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      all.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      all.map(([name], index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      all.map(([, own]) => own.toBytes()),
    ),
  ]);
}

function list(entries: readonly (readonly number[])[]): number[] {
  return [...unsigned(entries.length), ...entries.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7) {
    // Bit 6 of the last byte is the sign.
    if (left >= -64 && left < 64) return [...bytes, left & 0x7f];
    bytes.push((left & 0x7f) | 0x80);
  }
}
