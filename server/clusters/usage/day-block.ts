import { ByteReader } from './varints.ts';

/** A row: days of a series. */
export interface WrittenBlock {
  readonly block: number;
  readonly body: Uint8Array;
}

/** A day as `UsageDay` wrote it. */
export interface WrittenDay {
  readonly day: number;
  readonly body: Uint8Array;
}

/** Days that share a row: a row costs more to read than the few hundred bytes of a day. */
const BLOCK_DAYS = 16;
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

/**
 * Visits the days `from` to `to` of a row, with a reader that stands at the begin of each. There is one reader for the row: making
 * one for each day is a good part of what reading takes.
 */
export function visitDays(
  { block, body }: WrittenBlock,
  from: number,
  to: number,
  visit: (day: number, reader: ByteReader) => void,
): void {
  const reader = new ByteReader(body);
  for (let at = 0; at + HEADER_BYTES <= body.length; ) {
    const day = block * BLOCK_DAYS + (body[at] ?? 0);
    const length = ((body[at + 1] ?? 0) << 8) | (body[at + 2] ?? 0);
    at += HEADER_BYTES;
    if (day >= from && day <= to) {
      reader.goTo(at);
      visit(day, reader);
    }
    at += length;
  }
}

/** The days of a row, without copying their bytes. */
export function readBlock({ block, body }: WrittenBlock): WrittenDay[] {
  const days: WrittenDay[] = [];
  visitDays({ block, body }, 0, Number.POSITIVE_INFINITY, (day, { at }) => {
    const length = ((body[at - 2] ?? 0) << 8) | (body[at - 1] ?? 0);
    days.push({ day, body: body.subarray(at, at + length) });
  });
  return days;
}
