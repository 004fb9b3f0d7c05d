import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import { newId } from '../platform/index.ts';

/** A year of all regions takes less; a disk that is full harms everything else. */
const MOST_BYTES = 8 * 1024 ** 3;

/** Uploaded files of prices until they are imported. */
export class ImportSpool {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes = MOST_BYTES) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Throws away files that no import waits for: those of uploads that broke off. */
  async prepare(waiting: ReadonlySet<string>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) if (!waiting.has(name)) await this.discard(name);
  }

  /**
   * Writes a stream to disk as it comes; memory stays flat.
   * @returns the name under which it waits
   * @throws AppError `input.too-large`; nothing is left then
   */
  async receive(source: Readable): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = newId('archive');
    let bytes = 0;
    const meter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        if (bytes <= this.#maxBytes) done(null, chunk);
        else {
          const limit = formatBytes(this.#maxBytes);
          done(
            new AppError('input.too-large', `The file of prices is larger than ${limit}.`, {
              hint: 'Split it.',
            }),
          );
        }
      },
    });
    try {
      await pipeline(source, meter, createWriteStream(this.pathOf(name), { mode: 0o600 }));
      return name;
    } catch (error) {
      await this.discard(name);
      throw error;
    }
  }

  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  async discard(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true, recursive: true });
  }
}
