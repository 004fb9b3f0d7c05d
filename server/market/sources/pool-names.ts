import type { Pool } from '../../../common/units/index.ts';

/** Suffix of products until 2022. */
const VPC_SUFFIX = ' (Amazon VPC)';

/** A stretch of bytes `[start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** The product as it is called since 2022. */
export function basicProduct(product: string): string {
  return product.endsWith(VPC_SUFFIX) ? product.slice(0, -VPC_SUFFIX.length) : product;
}

/**
 * The pools of a region, found by the bytes of their names: the same few thousand names come a thousand times a page,
 * and no text is made of them but the first time. `pools` only grows; a place in it stays what it is.
 */
export class PoolNames {
  readonly pools: Pool[] = [];
  readonly #region: string;
  readonly #names: Uint8Array[] = [];
  /** Open addressing: a place + 1, or 0 where none is. Its length is a power of two, at most half of it is used. */
  #slots = new Int32Array(1 << 14);

  constructor(region: string) {
    this.#region = region;
  }

  /** The place in `pools` of what these bytes name. Spans are read at once and not kept. */
  placeOf(bytes: Uint8Array, zone: Span, type: Span, product: Span): number {
    const hash = hashOf(bytes, product, hashOf(bytes, type, hashOf(bytes, zone, 0x811c9dc5)));
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] ?? 0) - 1;
      if (place < 0) return this.#add(bytes, zone, type, product, slot);
      if (this.#isName(place, bytes, zone, type, product)) return place;
    }
  }

  #isName(place: number, bytes: Uint8Array, zone: Span, type: Span, product: Span): boolean {
    const name = this.#names[place];
    if (!name) return false;
    const afterZone = isAt(name, 0, bytes, zone);
    const afterType = afterZone < 0 ? -1 : isAt(name, afterZone, bytes, type);
    return afterType >= 0 && isAt(name, afterType, bytes, product) === name.length;
  }

  #add(bytes: Uint8Array, zone: Span, type: Span, product: Span, slot: number): number {
    const place = this.pools.length;
    // A zero byte ends each part: it is in no XML.
    const parts = [zone, type, product].map(({ start, end }) => bytes.subarray(start, end));
    this.#names.push(Buffer.concat(parts.flatMap(part => [part, Uint8Array.of(0)])));
    const [availabilityZone = '', instanceType = '', productText = ''] = parts.map(part =>
      Buffer.from(part).toString('utf8'),
    );
    this.pools.push({
      region: this.#region,
      availabilityZone,
      instanceType,
      product: basicProduct(productText),
    });
    this.#slots[slot] = place + 1;
    if (2 * this.pools.length > this.#slots.length) this.#grow();
    return place;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    for (const [place, name] of this.#names.entries()) {
      let hash = 0x811c9dc5;
      for (const byte of name) hash = step(hash, byte);
      let slot = hash & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, with the zero byte that ends a part. */
function hashOf(bytes: Uint8Array, { start, end }: Span, before: number): number {
  let hash = before;
  for (let at = start; at < end; at++) hash = step(hash, bytes[at] ?? 0);
  return step(hash, 0);
}

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** Where the name goes on after a part that ends by zero; −1 when it is another part. */
function isAt(name: Uint8Array, from: number, bytes: Uint8Array, { start, end }: Span): number {
  const length = end - start;
  if (name[from + length] !== 0) return -1;
  for (let at = 0; at < length; at++) if (name[from + at] !== bytes[start + at]) return -1;
  return from + length + 1;
}
