import type { BoosterSection, BoosterValue } from './booster-document.ts';
import { damagedBooster } from './damaged-booster.ts';

/** XGBoost's own files nest seven deep. */
const DEEPEST = 64;
const INTEGER_BYTES: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8 };
const NUMBER_BYTES: Readonly<Record<string, number>> = { ...INTEGER_BYTES, d: 4, D: 8 };

/**
 * Reads UBJSON (draft 12) as XGBoost writes it: big-endian numbers, arrays that are open, counted (`[#`) or typed and counted
 * (`[$d#`), objects that are open. Typed arrays come back as float64. Nothing is allocated for a length that the bytes left
 * cannot hold.
 * @throws AppError `model.not-a-model` when the bytes are cut off, nest deeper than 64, or hold another marker
 */
export function readUbjson(bytes: Uint8Array): BoosterValue {
  const reader = new UbjsonReader(bytes);
  const value = reader.value(reader.marker(), 0);
  reader.end();
  return value;
}

class UbjsonReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text = new TextDecoder('utf-8');
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  marker(): string {
    for (;;) {
      const code = this.#bytes[this.#take(1)];
      const marker = String.fromCharCode(code ?? 0);
      if (marker !== 'N') return marker;
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) {
      throw damagedBooster(`${this.#bytes.length - this.#at} bytes follow its end`);
    }
  }

  value(marker: string, depth: number): BoosterValue {
    if (depth > DEEPEST) throw damagedBooster(`it nests deeper than ${DEEPEST}`);
    switch (marker) {
      case '{':
        return this.#section(depth);
      case '[':
        return this.#array(depth);
      case 'S':
        return this.#string();
      case 'C':
        return String.fromCharCode(this.#bytes[this.#take(1)] ?? 0);
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      default:
        return this.#number(marker);
    }
  }

  #section(depth: number): BoosterSection {
    const section: Record<string, BoosterValue> = Object.create(null);
    for (;;) {
      const marker = this.marker();
      if (marker === '}') return section;
      const key = this.#stringOf(this.#count(marker));
      section[key] = this.value(this.marker(), depth + 1);
    }
  }

  #array(depth: number): BoosterValue {
    let marker = this.marker();
    if (marker === '$') {
      const type = this.marker();
      if (this.marker() !== '#') throw damagedBooster('a typed array has no count');
      return this.#typedArray(type, this.#count(this.marker()));
    }
    const values: BoosterValue[] = [];
    if (marker === '#') {
      const count = this.#count(this.marker());
      this.#need(count);
      for (let index = 0; index < count; index += 1) values.push(this.value(this.marker(), depth + 1));
      return values;
    }
    for (; marker !== ']'; marker = this.marker()) values.push(this.value(marker, depth + 1));
    return values;
  }

  #typedArray(type: string, count: number): Float64Array {
    const size = NUMBER_BYTES[type];
    if (size === undefined) throw damagedBooster(`a typed array holds '${type}', which is no number type`);
    this.#need(count * size);
    const numbers = new Float64Array(count);
    for (let index = 0; index < count; index += 1) numbers[index] = this.#number(type);
    return numbers;
  }

  #count(marker: string): number {
    if (INTEGER_BYTES[marker] === undefined) throw damagedBooster(`'${marker}' stands where a length should`);
    const count = this.#number(marker);
    if (count < 0) throw damagedBooster('a length is negative');
    return count;
  }

  #string(): string {
    return this.#stringOf(this.#count(this.marker()));
  }

  #stringOf(length: number): string {
    const from = this.#take(length);
    return this.#text.decode(this.#bytes.subarray(from, from + length));
  }

  #number(marker: string): number {
    const size = NUMBER_BYTES[marker];
    if (size === undefined) throw damagedBooster(`'${marker}' is no marker of UBJSON`);
    const at = this.#take(size);
    switch (marker) {
      case 'i':
        return this.#view.getInt8(at);
      case 'U':
        return this.#view.getUint8(at);
      case 'I':
        return this.#view.getInt16(at);
      case 'l':
        return this.#view.getInt32(at);
      case 'd':
        return this.#view.getFloat32(at);
      case 'D':
        return this.#view.getFloat64(at);
      default: {
        const wide = Number(this.#view.getBigInt64(at));
        if (!Number.isSafeInteger(wide)) throw damagedBooster('an integer is beyond 2^53');
        return wide;
      }
    }
  }

  #need(count: number): void {
    if (count > this.#bytes.length - this.#at) {
      throw damagedBooster(`it says ${count} bytes follow, and ${this.#bytes.length - this.#at} do`);
    }
  }

  #take(count: number): number {
    this.#need(count);
    const from = this.#at;
    this.#at += count;
    return from;
  }
}
