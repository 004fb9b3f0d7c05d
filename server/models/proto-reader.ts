import { readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;
const LONGEST_TEXT_BYTES = 2 * 1024 * 1024;
/** A field of more parts than any sane model has. */
const MOST_FIELDS = 20_000_000;

/** One field of a protobuf message: a number, or a stretch of the file. `start` is where its tag begins. */
export type ProtoField = { readonly number: number; readonly start: number } & (
  | { readonly kind: 'varint'; readonly value: bigint }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number }
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number }
);

/** The file is no protobuf message, or was cut off or damaged. */
export class DamagedFile extends Error {}

/**
 * Reads protobuf fields of an open file where they lie, through a window of 64 KiB; what is skipped is never read.
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtoReader {
  readonly size: number;
  /** So far; what is skipped does not count. */
  bytesRead = 0;
  readonly #file: number;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  #windowFrom = 0;
  #windowTo = 0;
  #fieldsLeft = MOST_FIELDS;

  constructor(file: number, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Fields between two positions. @throws DamagedFile when they do not fit exactly. */
  *fields(from: number, to: number): Generator<ProtoField> {
    let at = from;
    while (at < to) {
      if (--this.#fieldsLeft < 0) throw new DamagedFile('it has too many fields');
      const start = at;
      const tag = this.#varint(at, to);
      at = tag.next;
      const number = Number(tag.value >> 3n);
      const wire = Number(tag.value & 7n);
      if (number === 0 || number > 0x1fffffff) throw new DamagedFile('it has a field without a number');
      if (wire === 0) {
        const { value, next } = this.#varint(at, to);
        at = next;
        yield { number, start, kind: 'varint', value };
      } else if (wire === 1 || wire === 5) {
        const from = at;
        at += wire === 1 ? 8 : 4;
        if (at > to) throw new DamagedFile('it ends within a number');
        yield { number, start, kind: 'fixed', from, to: at };
      } else if (wire === 2) {
        const { value, next } = this.#varint(at, to);
        if (value > BigInt(to - next)) throw new DamagedFile('a part claims to be longer than the file');
        at = next + Number(value);
        yield { number, start, kind: 'bytes', from: next, to: at };
      } else throw new DamagedFile(`it has a field of wire type ${wire}`);
    }
  }

  /** The varints packed between two positions. */
  *packed(from: number, to: number): Generator<bigint> {
    for (let at = from; at < to; ) {
      const { value, next } = this.#varint(at, to);
      at = next;
      yield value;
    }
  }

  /** UTF-8 text between two positions. @throws DamagedFile when it is longer than 2 MiB or no UTF-8. */
  text(from: number, to: number): string {
    if (to - from > LONGEST_TEXT_BYTES) throw new DamagedFile('it has a text of more than 2 MiB');
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes(from, to));
    } catch (error) {
      if (error instanceof DamagedFile) throw error;
      throw new DamagedFile('it has a text that is no UTF-8');
    }
  }

  /** The bytes between two positions, a copy. */
  bytes(from: number, to: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(to - from);
    if (from >= this.#windowFrom && to <= this.#windowTo) {
      bytes.set(this.#window.subarray(from - this.#windowFrom, to - this.#windowFrom));
      return bytes;
    }
    this.bytesRead += bytes.length;
    if (readSync(this.#file, bytes, 0, bytes.length, from) !== bytes.length)
      throw new DamagedFile('it is cut off');
    return bytes;
  }

  #varint(from: number, to: number): { value: bigint; next: number } {
    let value = 0n;
    let low = 0;
    for (let length = 0; length < 10; length++) {
      const at = from + length;
      if (at >= to) throw new DamagedFile('it ends within a number');
      const byte = this.#byte(at);
      // Numbers of up to four bytes, nearly all of them, need no big integer until the end.
      if (length < 4) low |= (byte & 0x7f) << (7 * length);
      else value |= BigInt(byte & 0x7f) << BigInt(7 * length);
      if (byte < 0x80) return { value: value | BigInt(low), next: at + 1 };
    }
    throw new DamagedFile('it has a number of more than ten bytes');
  }

  #byte(at: number): number {
    if (at < this.#windowFrom || at >= this.#windowTo) {
      this.#windowFrom = at;
      this.#windowTo = at + readSync(this.#file, this.#window, 0, WINDOW_BYTES, at);
      this.bytesRead += this.#windowTo - at;
      if (this.#windowTo === at) throw new DamagedFile('it is cut off');
    }
    return this.#window[at - this.#windowFrom] ?? 0;
  }
}
