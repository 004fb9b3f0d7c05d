import { ROWS_PER_BLOCK, VALUE_BYTES } from './kernel-layout.ts';
import { MOST_MEMORY_BYTES, PAGE_BYTES, type Place } from './tree-plan.ts';
import { Unread } from './unread.ts';

/** Vectors are read fastest where their address is a multiple of their size. */
const ALIGNMENT = 16;

/** Gives out the memory of a plan. */
export class PlanMemory {
  readonly contents: { at: number; bytes: Uint8Array }[] = [];
  readonly #constants = new Map<string, Place>();
  // Nothing lies at 0, where a plan gone wrong would look first.
  #next = ALIGNMENT;

  /** Whole pages. */
  get bytes(): number {
    return Math.ceil(this.#next / PAGE_BYTES) * PAGE_BYTES;
  }

  /** Room for a column of a block. */
  column(): Place {
    return this.columns(1);
  }

  /** Room for columns side by side. @returns the place of the first */
  columns(count: number): Place {
    return this.reserve(count * ROWS_PER_BLOCK * VALUE_BYTES) / VALUE_BYTES;
  }

  /** A column that is the same number for all rows. */
  constant(value: number): Place {
    const key = Object.is(value, -0) ? '-0' : String(value);
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const place = this.place(new Float64Array(ROWS_PER_BLOCK).fill(value)) / VALUE_BYTES;
    this.#constants.set(key, place);
    return place;
  }

  /** Puts a table into the memory. @returns its address */
  place({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array | Int32Array | Uint16Array): number {
    const at = this.reserve(byteLength);
    this.contents.push({ at, bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength) });
    return at;
  }

  /** Room for so many bytes. @returns its address @throws Unread when that is more than a plan may have */
  reserve(bytes: number): number {
    const at = this.#next;
    this.#next += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (this.#next > MOST_MEMORY_BYTES) throw new Unread('its trees take more than 32 MiB');
    return at;
  }
}
