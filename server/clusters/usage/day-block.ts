/** A day as `UsageDay` wrote it. */
export interface WrittenDay {
  readonly day: number;
  readonly body: Uint8Array;
}

/** Days that share a row: a row costs more to read than the few hundred bytes of a day. */
const BLOCK_DAYS = 8;
const BLOCKS = 2 ** 16;
/** Before each day: its place in the block and its length in two bytes. */
const HEADER_BYTES = 3;

/** The block that a day lies in. */
export function blockOf(day: number): number {
  return Math.floor(day / BLOCK_DAYS);
}

/** A series and a block as one number, so that what belongs to a series lies side by side. */
export function blockKey(seriesId: number, block: number): number {
  return seriesId * BLOCKS + block;
}

/** The series and the block of a key. */
export function partsOfBlockKey(key: number): { seriesId: number; block: number } {
  return { seriesId: Math.floor(key / BLOCKS), block: key % BLOCKS };
}

/** The days of a block as one row. */
export function writeBlock(days: readonly WrittenDay[]): Uint8Array {
  const bytes = new Uint8Array(days.reduce((sum, { body }) => sum + HEADER_BYTES + body.length, 0));
  let at = 0;
  for (const { day, body } of days) {
    bytes[at++] = day % BLOCK_DAYS;
    bytes[at++] = body.length >>> 8;
    bytes[at++] = body.length & 0xff;
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

/** The days of a row, without copying them. */
export function readBlock(block: number, bytes: Uint8Array): WrittenDay[] {
  const days: WrittenDay[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const day = block * BLOCK_DAYS + (bytes[at] ?? 0);
    const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    at += HEADER_BYTES;
    days.push({ day, body: bytes.subarray(at, at + length) });
    at += length;
  }
  return days;
}
