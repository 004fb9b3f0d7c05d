import { type PickleOpcode, pickleOpcodes } from './pickle-opcodes.ts';

/** An opcode by name, or raw bytes: operands and parts made before. */
export type PicklePart = PickleOpcode | Uint8Array | readonly number[];

/** Joins opcodes and their operands to a pickle, for tests. */
export function assemblePickle(...parts: readonly PicklePart[]): Buffer {
  return Buffer.concat(
    parts.map(part => (typeof part === 'string' ? Buffer.of(pickleOpcodes[part][0]) : Buffer.from(part))),
  );
}

/** SHORT_BINUNICODE with its text. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return assemblePickle('SHORT_BINUNICODE', [bytes.length], bytes);
}

/** GLOBAL with its two lines. */
export function globalName(module: string, name: string): Buffer {
  return assemblePickle('GLOBAL', Buffer.from(`${module}\n${name}\n`));
}

/** `numpy.dtype(code, False, True)` with the byte order as its state. */
export function dtype(code: string, order = '<'): Buffer {
  const flags = assemblePickle('NEWFALSE', 'NEWTRUE', 'TUPLE3', 'REDUCE', 'MARK', 'BININT1', [3]);
  const rest = assemblePickle('NONE', 'NONE', 'NONE', 'BININT1', [0], 'BININT1', [0], 'BININT1', [0]);
  return Buffer.concat([
    globalName('numpy', 'dtype'),
    text(code),
    flags,
    text(order),
    rest,
    assemblePickle('TUPLE', 'BUILD'),
  ]);
}
