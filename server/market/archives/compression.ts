import type { ArchiveCompression } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';

/** This much of a file is enough to tell how it is packed. */
export const MAGIC_BYTES = 512;

const packings: readonly (readonly [ArchiveCompression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

const USTAR_AT = 257;

/** Files that people take for price files, by their first bytes, and what to do with them. */
const strangers: readonly { name: string; at: number; magic: string; hint: string }[] = [
  { name: 'a ZIP file', at: 0, magic: 'PK', hint: 'Unpack it first.' },
  { name: 'a bzip2 file', at: 0, magic: 'BZh', hint: 'Unpack it with bunzip2 first.' },
  { name: 'a 7z file', at: 0, magic: '7z\xbc\xaf', hint: 'Unpack it first.' },
  { name: 'a tar file', at: USTAR_AT, magic: 'ustar', hint: 'Unpack it and import what it holds.' },
  { name: 'a Parquet file', at: 0, magic: 'PAR1', hint: 'Write it as CSV first.' },
  { name: 'a database of SQLite', at: 0, magic: 'SQLite format 3', hint: 'Write its prices as CSV first.' },
  { name: 'text in UTF-16', at: 0, magic: '\xff\xfe', hint: 'Write it as UTF-8 first.' },
  { name: 'text in UTF-16', at: 0, magic: '\xfe\xff', hint: 'Write it as UTF-8 first.' },
];

/** How a file is packed, told by its first bytes: names lie. */
export function recognizeCompression(head: Buffer): ArchiveCompression {
  const found = packings.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
  return found?.[0] ?? 'none';
}

/** @throws AppError `market.archive-unreadable` when the first bytes (unpacked) are those of something else. */
export function refuseStrangers(head: string, fileName: string): void {
  const found = strangers.find(({ at, magic }) => head.startsWith(magic, at));
  if (!found) return;
  throw new AppError('market.archive-unreadable', `"${fileName}" is ${found.name}, not a file of prices.`, {
    hint: found.hint,
  });
}
