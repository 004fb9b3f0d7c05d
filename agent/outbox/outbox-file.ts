import { closeSync, fsync, ftruncateSync, openSync, readSync } from 'node:fs';
import { replaceFile, writeWhole } from '../durable-file.ts';

/** Where a message lies in the file. */
export interface OutboxEntry {
  readonly seq: number;
  readonly kind: string;
  readonly length: number;
  offset: number;
}

/** A message as it is written: one line with its line feed. */
export interface OutboxLine {
  readonly seq: number;
  readonly kind: string;
  readonly line: string;
}

const compactFromBytes = 1024 * 1024;

/**
 * An append-only file of JSON lines: messages, and `{"acked":seq}`. Only positions are held in memory, so that a
 * day without a connection costs disk and not memory. Methods throw what the file system throws.
 */
export class OutboxFile {
  readonly #path: string;
  #file: number;
  #bytes = 0;
  #liveBytes = 0;
  #entries = new Map<number, OutboxEntry>();
  #unsynced = false;
  #syncing: Promise<void> | undefined;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /** Replaces the file by these lines and opens it. */
  static create(path: string, lines: readonly OutboxLine[]): OutboxFile {
    replaceFile(
      path,
      lines.map(line => line.line),
    );
    const outboxFile = new OutboxFile(path, openSync(path, 'r+'));
    for (const line of lines) {
      const length = Buffer.byteLength(line.line);
      outboxFile.#note(line, outboxFile.#bytes, length);
      outboxFile.#bytes += length;
    }
    return outboxFile;
  }

  /** Size on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Size of the messages that still count. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Oldest first. */
  entries(): IterableIterator<OutboxEntry> {
    return this.#entries.values();
  }

  append(line: OutboxLine): void {
    const bytes = Buffer.from(line.line);
    const offset = this.#bytes;
    this.#write(bytes);
    this.#note(line, offset, bytes.length);
  }

  read(entry: OutboxEntry): string {
    const bytes = Buffer.allocUnsafe(entry.length);
    for (let got = 0; got < bytes.length; ) {
      const turn = readSync(this.#file, bytes, got, bytes.length - got, entry.offset + got);
      if (turn === 0) throw new Error(`The outbox file ends before message ${entry.seq}.`);
      got += turn;
    }
    return bytes.toString('utf8');
  }

  forget(entry: OutboxEntry): void {
    if (this.#entries.delete(entry.seq)) this.#liveBytes -= entry.length;
  }

  /** Forgets all up to `seq` and notes it in the file; a lost note only means that a result is sent twice. */
  acknowledge(seq: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.seq > seq) break;
      this.forget(entry);
    }
    if (this.#bytes > compactFromBytes && this.#liveBytes < this.#bytes / 2) this.compact();
    else this.#write(Buffer.from(`${JSON.stringify({ acked: seq })}\n`));
  }

  /** Rewrites the file without what no longer counts. */
  compact(): void {
    const lines = this.#lines();
    replaceFile(this.#path, lines);
    const file = openSync(this.#path, 'r+');
    closeSync(this.#file);
    this.#file = file;
    let offset = 0;
    for (const entry of this.#entries.values()) {
      entry.offset = offset;
      offset += entry.length;
    }
    this.#bytes = offset;
  }

  /** Resolves when everything written so far is on disk; callers at the same time share one fsync. */
  async sync(): Promise<void> {
    while (this.#unsynced || this.#syncing !== undefined) {
      this.#syncing ??= this.#syncOnce();
      await this.#syncing;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #syncOnce(): Promise<void> {
    this.#unsynced = false;
    return new Promise<void>((resolve, reject) => {
      const file = this.#file;
      fsync(file, error => {
        this.#syncing = undefined;
        // A compaction meanwhile has closed this file, and synced its successor.
        if (!error || file !== this.#file) resolve();
        else {
          this.#unsynced = true;
          reject(error);
        }
      });
    });
  }

  #note(line: OutboxLine, offset: number, length: number): void {
    this.#entries.set(line.seq, { seq: line.seq, kind: line.kind, length, offset });
    this.#liveBytes += length;
  }

  /** Appends at the known end, so that half a line from a full disk is overwritten or cut off. */
  #write(bytes: Uint8Array): void {
    try {
      writeWhole(this.#file, bytes, this.#bytes);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
    this.#unsynced = true;
  }

  *#lines(): Generator<string> {
    for (const entry of this.#entries.values()) yield this.read(entry);
  }
}
