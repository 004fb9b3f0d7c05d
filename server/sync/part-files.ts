import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { formatBytes, MS_PER_DAY } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';

/** The beginning of a file that nobody went on with for so long is thrown away. */
const KEPT_MS = 7 * MS_PER_DAY;

/** Files on their way, named by the hash that they will have. What is here already need not be sent again. */
export class PartFiles {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #busy = new Set<string>();

  constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Throws old beginnings away. */
  async tidy(clock: Clock): Promise<void> {
    for (const name of await readdir(this.#folder, { recursive: true }).catch(() => [])) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() && found.mtimeMs < clock.now() - KEPT_MS) await rm(path, { force: true });
    }
  }

  /** @param whose files of different senders never mix */
  path(sha256: string, whose: string): string {
    return join(this.#folder, whose, sha256);
  }

  /** How much of it is here. */
  async bytes(sha256: string, whose: string): Promise<number> {
    return (await stat(this.path(sha256, whose)).catch(() => undefined))?.size ?? 0;
  }

  /**
   * Adds what comes at the place where the file ends; anything else is left alone. Resolves with how much is here then.
   * @throws AppError `input.too-large`
   */
  async add(
    sha256: string,
    whose: string,
    fromByte: number,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const path = this.path(sha256, whose);
    // The same piece twice at once: only one of them may be written.
    if (this.#busy.has(path)) return this.bytes(sha256, whose);
    this.#busy.add(path);
    try {
      await mkdir(join(this.#folder, whose), { recursive: true, mode: 0o700 });
      return await this.#append(path, fromByte, chunks);
    } finally {
      this.#busy.delete(path);
    }
  }

  async #append(path: string, fromByte: number, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    const file = await open(path, 'a', 0o600);
    try {
      let bytes = (await file.stat()).size;
      if (bytes !== fromByte) return bytes;
      for await (const chunk of chunks) {
        if (bytes + chunk.length > this.#mostBytes)
          throw new AppError('input.too-large', `The model is larger than ${formatBytes(this.#mostBytes)}.`, {
            hint: 'Raise CLOUDOPTIM_MODEL_MAX_MIB on the side that refuses it.',
          });
        await file.write(chunk);
        bytes += chunk.length;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** Whether the file is what its name says; one that is not is thrown away. */
  async isWhole(sha256: string, whose: string): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(this.path(sha256, whose))) hash.update(chunk as Buffer);
    } catch {
      return false;
    }
    if (hash.digest('hex') === sha256) return true;
    await this.drop(sha256, whose);
    return false;
  }

  async drop(sha256: string, whose: string): Promise<void> {
    await rm(this.path(sha256, whose), { force: true });
  }
}
