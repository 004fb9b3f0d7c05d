import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ArchiveCompression, ArchiveDamage, ArchiveFormat } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { PriceRecord } from '../price-batch.ts';
import { MAGIC_BYTES, recognizeCompression } from './compression.ts';
import type { Decoded, PackedDamage } from './decoded.ts';
import type { RawRow, RowScanner } from './raw-row.ts';
import { recognizeRows } from './recognize-rows.ts';
import { type RowOptions, RowReader } from './row-reader.ts';
import { unpack } from './unpack.ts';

const CHUNK_BYTES = 64 * 1024;
/** Kinds of reason are few; products that nobody knows may be many. */
const MOST_REASONS = 50;
const OTHER_REASON = 'for other reasons';

/** What was left out of a file and why. */
export interface LeftOut {
  readonly reason: string;
  readonly count: number;
  readonly firstLine: number;
}

/**
 * Reads a file of prices from its beginning, however often: the same rows come, up to the same damage. Memory does not depend
 * on the size of the file.
 */
export class ArchiveReader {
  readonly fileName: string;
  compression: ArchiveCompression = 'none';
  format: ArchiveFormat = 'csv';
  /** Rows so far, those that are left out included. */
  rows = 0;
  fromMs: number | null = null;
  toMs: number | null = null;
  damagedAt: ArchiveDamage | null = null;
  /** Whether records before `damagedAt` are right: after wrong packed bytes nobody knows since where. */
  isPrefixSound = true;
  readBytes = 0;
  totalBytes = 0;
  readonly #path: string;
  readonly #reader: RowReader;
  readonly #leftOut = new Map<string, { count: number; firstLine: number }>();

  /** @param fileName what the file is called where it comes from */
  constructor(path: string, options: RowOptions, fileName = basename(path)) {
    this.#path = path;
    this.fileName = fileName;
    this.#reader = new RowReader(options);
  }

  get pools(): number {
    return this.#reader.pools;
  }

  /** Zone ids without a name. */
  get zoneIds(): string[] {
    return this.#reader.zoneIds;
  }

  /** Times that named no zone; they were read as UTC. */
  get naiveTimes(): number {
    return this.#reader.times.naiveTimes;
  }

  /** See `RowOptions.classicUntilMs`. */
  classicUntilMs(): Map<string, number> {
    return this.#reader.classicUntilMs();
  }

  get leftOut(): LeftOut[] {
    return [...this.#leftOut].map(([reason, counted]) => ({ reason, ...counted }));
  }

  /**
   * Records as they come; ends at the end of the file or, with `damagedAt` set, at the first damage.
   * @throws AppError `input.invalid` when the file cannot be opened, `market.archive-unreadable` when it is no file of
   * prices at all; what `signal` was aborted with
   */
  async *records(signal: AbortSignal): AsyncGenerator<PriceRecord[]> {
    const file = await openToRead(this.#path);
    try {
      this.totalBytes = (await file.stat()).size;
      const magic = Buffer.alloc(MAGIC_BYTES);
      const { bytesRead } = await file.read(magic, 0, MAGIC_BYTES, 0);
      this.compression = recognizeCompression(magic.subarray(0, bytesRead));
      const text = unpack(this.#bytes(file), this.compression);
      try {
        yield* this.#recordsOf(text, signal);
      } finally {
        await text.return(undefined);
      }
    } finally {
      await file.close();
    }
  }

  async *#recordsOf(unpacked: Decoded, signal: AbortSignal): AsyncGenerator<PriceRecord[]> {
    let scanner: RowScanner | undefined;
    let head = '';
    for (;;) {
      signal.throwIfAborted();
      const { value, done } = await unpacked.next();
      if (done) {
        yield* this.#ending(scanner, head, value);
        return;
      }
      let text = value.toString('latin1');
      if (!scanner) {
        head += text;
        const known = recognizeRows(head, this.fileName, false);
        if (!known) continue;
        ({ scanner, text } = known);
        this.format = known.format;
      }
      yield this.#read(scanner.push(text));
      this.damagedAt ??= scanner.damage ?? null;
      if (this.damagedAt) {
        this.isPrefixSound = await isSound(unpacked, signal);
        return;
      }
      // Live topics and requests come first.
      await turn();
    }
  }

  /** @param packedDamage why unpacking stopped, where it did before the end */
  *#ending(
    known: RowScanner | undefined,
    head: string,
    packedDamage: PackedDamage | undefined,
  ): Generator<PriceRecord[]> {
    let scanner = known;
    if (!scanner) {
      if (packedDamage !== undefined && !head.includes('\n')) {
        throw new AppError(
          'market.archive-damaged',
          `"${this.fileName}" cannot be unpacked: ${packedDamage.reason}.`,
        );
      }
      const whole = recognizeRows(head, this.fileName, true);
      this.format = whole.format;
      scanner = whole.scanner;
      yield this.#read(scanner.push(whole.text));
    }
    // What is left of a stream that broke is a piece of a line.
    if (packedDamage === undefined) yield this.#read(scanner.end());
    const broken = packedDamage === undefined ? null : { line: scanner.line, reason: packedDamage.reason };
    this.isPrefixSound = packedDamage?.isPrefixSound ?? true;
    this.damagedAt ??= scanner.damage ?? broken;
  }

  #read(rows: readonly RawRow[]): PriceRecord[] {
    const records: PriceRecord[] = [];
    for (const row of rows) {
      const record = this.#reader.read(row);
      if (typeof record === 'string' && row.isUnterminated) {
        this.damagedAt = { line: row.line, reason: 'it is cut off' };
        break;
      }
      this.rows++;
      if (typeof record === 'string') this.#leaveOut(record, row.line);
      else {
        records.push(record);
        this.fromMs = Math.min(this.fromMs ?? record.atMs, record.atMs);
        this.toMs = Math.max(this.toMs ?? record.atMs, record.atMs);
      }
    }
    return records;
  }

  #leaveOut(reason: string, line: number): void {
    const known = this.#leftOut.get(reason);
    if (known) known.count++;
    else if (this.#leftOut.size < MOST_REASONS || reason === OTHER_REASON) {
      this.#leftOut.set(reason, { count: 1, firstLine: line });
    } else this.#leaveOut(OTHER_REASON, line);
  }

  async *#bytes(file: FileHandle): AsyncGenerator<Buffer> {
    for (;;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
        this.readBytes,
      );
      if (bytesRead === 0) return;
      this.readBytes += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** Lines may be damaged because the packed bytes are, which shows at their end. */
async function isSound(unpacked: Decoded, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    signal.throwIfAborted();
    const { value, done } = await unpacked.next();
    if (done) return value?.isPrefixSound ?? true;
    await turn();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${path} cannot be opened.`, {
      cause,
      hint: 'Check the path.',
    });
  }
  throw new AppError('input.invalid', `${path} is no file.`, {
    hint: 'Name the files of prices one by one.',
  });
}
