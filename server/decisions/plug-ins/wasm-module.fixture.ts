/** A WebAssembly engine made byte by byte. Format: https://webassembly.github.io/spec/core/binary/ */
export interface WasmParts {
  /** Bytes of the answer, at address 0 of its memory. */
  readonly answer?: Uint8Array | string;
  /** Instructions of `decide`, without the final `end`; they leave an i64. Otherwise it points at the answer. */
  readonly decide?: readonly number[];
  /** Instructions of `alloc`, which leave an i32. Otherwise the second page. */
  readonly alloc?: readonly number[];
  readonly pages?: number;
  readonly manifest?: string;
  /** Imports a function `env.now`. */
  readonly imports?: boolean;
}

const I32 = 0x7f;
const I64 = 0x7e;
const END = 0x0b;
const op = {
  i32Const: 0x41,
  i64Const: 0x42,
  memoryGrow: 0x40,
  drop: 0x1a,
  loop: 0x03,
  br: 0x0c,
} as const;

/** Instructions that never end. */
export const endless = [op.loop, 0x40, op.br, 0, END, op.i64Const, 0];

/** Instructions that take page after page until there is none, then go on as if there were. */
export const greedy = [
  op.loop,
  0x40,
  op.i32Const,
  1,
  op.memoryGrow,
  0,
  op.drop,
  op.br,
  0,
  END,
  op.i64Const,
  0,
];

/** Instructions of a `decide` whose answer is `length` bytes at `address`. */
export function pointsAt(address: number, length: number): number[] {
  return [op.i64Const, ...signed((BigInt(address) << 32n) + BigInt(length))];
}

/** Instructions of an `alloc` that gives this address. */
export function allocatesAt(address: number): number[] {
  return [op.i32Const, ...signed(BigInt(address))];
}

/** Instructions that trap. */
export const trap = [0x00, op.i64Const, 0];

export function wasmModule(parts: WasmParts = {}): Uint8Array {
  const { pages = 300, imports = false } = parts;
  const answer =
    typeof parts.answer === 'string'
      ? new TextEncoder().encode(parts.answer)
      : (parts.answer ?? new Uint8Array());
  const decide = parts.decide ?? pointsAt(0, answer.length);
  const alloc = parts.alloc ?? allocatesAt(65_536);
  const first = imports ? 1 : 0;
  const types = [
    [0x60, 1, I32, 1, I32],
    [0x60, 2, I32, I32, 1, I64],
  ];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...(imports ? section(2, vector([[...text('env'), ...text('now'), 0, 0]])) : []),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[0, ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        [...text('memory'), 2, 0],
        [...text('alloc'), 0, first],
        [...text('decide'), 0, first + 1],
      ]),
    ),
    ...section(10, vector([body(alloc), body(decide)])),
    ...(answer.length > 0
      ? section(11, vector([[0, op.i32Const, 0, END, ...unsigned(answer.length), ...answer]]))
      : []),
    ...(parts.manifest === undefined
      ? []
      : section(0, [...text('cloudoptim.manifest'), ...new TextEncoder().encode(parts.manifest)])),
  ];
  return Uint8Array.from(bytes);
}

function body(instructions: readonly number[]): number[] {
  const code = [0, ...instructions, END];
  return [...unsigned(code.length), ...code];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Of values that are not negative: the last byte may not have its sign bit set. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === 0n && (low & 0x40) === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
