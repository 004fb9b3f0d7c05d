import type { Pool } from '../../../common/units/index.ts';

/** Suffix of products until 2022. */
const VPC_SUFFIX = ' (Amazon VPC)';

/** A stretch of bytes `[start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** The product as it is called since 2022. */
function basicProduct(product: string): string {
  return product.endsWith(VPC_SUFFIX) ? product.slice(0, -VPC_SUFFIX.length) : product;
}

/**
 * The pools of a region, found by the bytes of their names: the same few thousand names come a thousand times a page,
 * and no text is made of them but the first time. `pools` only grows; a place in it stays what it is.
 */
export class PoolNames {
  readonly pools: Pool[] = [];
  readonly region: string;
  /** Of names that came as bytes, by place. */
  readonly #names: (DataView | undefined)[] = [];
  readonly #hashes: number[] = [];
  /** Open addressing: a place + 1, or 0 where none is. Its length is a power of two, at most half of it is used. */
  #slots = new Int32Array(1 << 14);
  readonly #placesOfText = new Map<string, number>();
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

  constructor(region: string) {
    this.region = region;
  }

  /** The place in `pools` of what these bytes name. Spans are read at once and not kept. */
  placeOf(bytes: Uint8Array, zone: Span, type: Span, product: Span): number {
    const view = this.#viewOf(bytes);
    const hash = hashOf(view, product, hashOf(view, type, hashOf(view, zone, 0)));
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] ?? 0) - 1;
      if (place < 0) return this.#addBytes(bytes, [zone, type, product], hash, slot);
      if (this.#hashes[place] === hash && this.#isName(place, view, zone, type, product)) return place;
    }
  }

  /** The place in `pools` of a pool whose names were read already. */
  placeNamed(availabilityZone: string, instanceType: string, product: string): number {
    const text = `${availabilityZone} ${instanceType} ${product}`;
    let place = this.#placesOfText.get(text);
    if (place === undefined) {
      place = this.#add(availabilityZone, instanceType, product);
      this.#placesOfText.set(text, place);
    }
    return place;
  }

  /** Of one page, which is asked about a thousand times. */
  #viewOf(bytes: Uint8Array): DataView {
    const { buffer, byteOffset, byteLength } = this.#view;
    if (buffer !== bytes.buffer || byteOffset !== bytes.byteOffset || byteLength !== bytes.byteLength)
      this.#view = viewOf(bytes);
    return this.#view;
  }

  #isName(place: number, view: DataView, zone: Span, type: Span, product: Span): boolean {
    const name = this.#names[place];
    if (!name) return false;
    const afterZone = isAt(name, 0, view, zone);
    const afterType = afterZone < 0 ? -1 : isAt(name, afterZone, view, type);
    return afterType >= 0 && isAt(name, afterType, view, product) === name.byteLength;
  }

  #addBytes(bytes: Uint8Array, spans: readonly Span[], hash: number, slot: number): number {
    // A zero byte ends each part: it is in no XML.
    const parts = spans.map(({ start, end }) => bytes.subarray(start, end));
    const [zone = '', type = '', product = ''] = parts.map(part => Buffer.from(part).toString('utf8'));
    const place = this.#add(zone, type, product);
    this.#names[place] = viewOf(Buffer.concat(parts.flatMap(part => [part, Uint8Array.of(0)])));
    this.#hashes[place] = hash;
    this.#slots[slot] = place + 1;
    if (2 * this.pools.length > this.#slots.length) this.#grow();
    return place;
  }

  #add(availabilityZone: string, instanceType: string, product: string): number {
    this.#names.push(undefined);
    this.#hashes.push(0);
    return (
      this.pools.push({
        region: this.region,
        availabilityZone,
        instanceType,
        product: basicProduct(product),
      }) - 1
    );
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (const [place, name] of this.#names.entries()) {
      if (!name) continue;
      let slot = (this.#hashes[place] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Four bytes at a time, then those that are left, then the length. */
function hashOf(view: DataView, { start, end }: Span, before: number): number {
  let hash = before;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = step(hash, view.getInt32(at, true));
  for (; at < end; at++) hash = step(hash, view.getUint8(at));
  return step(hash, end - start);
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, whose high bits are brought down: a step takes four bytes at once. */
function step(before: number, bytes: number): number {
  const hash = Math.imul(before ^ bytes, 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Where the name goes on after a part that ends by zero; −1 when it is another part. */
function isAt(name: DataView, from: number, view: DataView, { start, end }: Span): number {
  const length = end - start;
  if (from + length >= name.byteLength || name.getUint8(from + length) !== 0) return -1;
  let at = 0;
  for (; at + 4 <= length; at += 4)
    if (name.getInt32(from + at, true) !== view.getInt32(start + at, true)) return -1;
  for (; at < length; at++) if (name.getUint8(from + at) !== view.getUint8(start + at)) return -1;
  return from + length + 1;
}
