import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../../../common/errors.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { newId, receiveBytes } from '../../platform/index.ts';

/** An engine is a program, not data: the largest that a person would still read is far below. */
export const MOST_ENGINE_BYTES = 4 * 1024 * 1024;
const INCOMING = 'incoming';

/** A module that has arrived and belongs to nobody yet. */
export interface ReceivedEngine {
  readonly sha256: string;
  readonly content: Buffer;
  readonly path: string;
}

/** Modules of engines by their SHA-256. */
export class EngineFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folders and throws away what an interrupted upload left, and files that no engine names. */
  async prepare(named: ReadonlySet<string>): Promise<void> {
    await rm(join(this.#folder, INCOMING), { recursive: true, force: true });
    await mkdir(join(this.#folder, INCOMING), { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder))
      if (/^[0-9a-f]{64}$/.test(name) && !named.has(name)) await this.remove(name);
  }

  /** @throws AppError `input.too-large`; nothing is left then */
  async receive(stream: Readable): Promise<ReceivedEngine> {
    const path = join(this.#folder, INCOMING, newId('file'));
    try {
      const { sha256 } = await receiveBytes(stream, path, bytes => {
        if (bytes <= MOST_ENGINE_BYTES) return;
        throw new AppError(
          'input.too-large',
          `The engine is larger than ${formatBytes(MOST_ENGINE_BYTES)}.`,
          {
            hint: 'Leave out what it does not need; data belongs into its parameters.',
          },
        );
      });
      return { sha256, content: await readFile(path), path };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  discard({ path }: ReceivedEngine): Promise<void> {
    return rm(path, { force: true });
  }

  /** Moves a module to its place; it is on disk once this resolves. */
  async keep({ path, sha256 }: ReceivedEngine): Promise<void> {
    await flush(path);
    await rename(path, join(this.#folder, sha256));
    await flush(this.#folder);
  }

  /** A kept module, whose content still is what its name says. @throws AppError `storage.damaged` */
  async read(sha256: string): Promise<Buffer> {
    const path = join(this.#folder, sha256);
    const content = await readFile(path).catch((cause: unknown) => {
      throw new AppError('storage.damaged', `The engine file ${path} cannot be read.`, { cause });
    });
    if (createHash('sha256').update(content).digest('hex') === sha256) return content;
    throw new AppError('storage.damaged', `The engine file ${path} is not what was uploaded.`, {
      hint: 'Delete the engine and upload it again.',
    });
  }

  remove(sha256: string): Promise<void> {
    return rm(join(this.#folder, sha256), { force: true });
  }
}

/** A file or folder is on disk only after its own fsync. Windows cannot open a folder for that. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
