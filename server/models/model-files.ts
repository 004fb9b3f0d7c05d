import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import { newId, type ReceivedBytes, receiveBytes } from '../platform/index.ts';

const FILE_NAME = 'model.onnx';
const INCOMING = 'incoming';
const ORIGINALS = 'originals';

/** How much may be stored. */
export interface FileLimits {
  /** Of one file. */
  readonly maxBytes: number;
  /** Of all files of the registry together, those that arrive included. */
  readonly quotaBytes: number;
}

/** A file that has arrived, is on disk, and belongs to nobody yet. */
export interface ReceivedFile extends ReceivedBytes {
  readonly path: string;
  discard(): Promise<void>;
}

/**
 * Model files by their SHA-256: what runs in a folder of its own each, because ONNX Runtime may read beside a model; what was
 * uploaded and is not what runs in `originals/`.
 */
export class ModelFiles {
  readonly #folder: string;
  readonly #limits: FileLimits;
  #keptBytes = 0;
  /** Of files that arrive, or wait for the rest of their manifest. */
  #arrivingBytes = 0;

  constructor(folder: string, limits: FileLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Makes the folders and throws away what an interrupted upload left, and files that no version names. */
  async prepare(named: ReadonlySet<string>): Promise<void> {
    await rm(join(this.#folder, INCOMING), { recursive: true, force: true });
    for (const name of [INCOMING, ORIGINALS])
      await mkdir(join(this.#folder, name), { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder))
      if (/^[0-9a-f]{64}$/.test(name) && !named.has(name)) await this.remove(name);
    for (const name of await readdir(join(this.#folder, ORIGINALS)))
      if (!named.has(name)) await this.remove(name);
    this.#keptBytes = await this.#measure();
  }

  /**
   * Writes a stream to disk as it comes.
   * @throws AppError `input.too-large` for a file above the limit or beyond the quota; nothing is left then
   */
  async receive(stream: Readable | string): Promise<ReceivedFile> {
    const folder = join(this.#folder, INCOMING, newId('file'));
    await mkdir(folder, { recursive: true });
    const path = join(folder, FILE_NAME);
    let own = 0;
    const admit = (bytes: number) => {
      this.#arrivingBytes += bytes - own;
      own = bytes;
      this.#check(bytes);
    };
    const discard = async () => {
      this.#arrivingBytes -= own;
      own = 0;
      await rm(folder, { recursive: true, force: true });
    };
    try {
      const source = typeof stream === 'string' ? createReadStream(stream) : stream;
      const received = await receiveBytes(source, path, admit);
      await flush(path);
      return { ...received, path, discard };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  /** Moves a file to its place among those that run. */
  async keep(file: ReceivedFile): Promise<void> {
    await this.#move(file, this.pathOf(file.sha256));
  }

  /** Moves a file to its place among those that were uploaded. */
  async keepOriginal(file: ReceivedFile): Promise<void> {
    await this.#move(file, this.#originalOf(file.sha256));
  }

  pathOf(sha256: string): string {
    return join(this.#folder, sha256, FILE_NAME);
  }

  /** A kept file for download from a byte on, whichever place it is in. @throws AppError `storage.damaged` */
  async read(sha256: string, fromByte = 0): Promise<{ readonly stream: Readable; readonly bytes: number }> {
    for (const path of [this.#originalOf(sha256), this.pathOf(sha256)]) {
      const found = await stat(path).catch(() => undefined);
      if (found) return { stream: createReadStream(path, { start: fromByte }), bytes: found.size };
    }
    throw new AppError('storage.damaged', `The file ${sha256} of a model is not on disk any more.`, {
      hint: 'Upload the model again.',
    });
  }

  /**
   * Lets `use` have a kept file whose content is still what its name says. The very file that was read stays open meanwhile:
   * where the system can name an open file (Linux), one that is put in its place in between is never seen.
   * @throws AppError `storage.damaged`
   */
  async withVerified<T>(sha256: string, use: (path: string) => Promise<T>): Promise<T> {
    const path = this.pathOf(sha256);
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw new AppError('storage.damaged', `The model file ${path} cannot be read.`, { cause });
    });
    try {
      const hash = createHash('sha256');
      for await (const chunk of file.createReadStream({ autoClose: false, start: 0 }))
        hash.update(chunk as Buffer);
      if (hash.digest('hex') !== sha256) {
        throw new AppError('storage.damaged', `The model file ${path} is not what was uploaded.`, {
          hint: 'Upload the model again.',
        });
      }
      return await use(process.platform === 'linux' ? `/proc/${process.pid}/fd/${file.fd}` : path);
    } finally {
      await file.close();
    }
  }

  /** Removes what is kept under a hash. */
  async remove(sha256: string): Promise<void> {
    await rm(join(this.#folder, sha256), { recursive: true, force: true });
    await rm(this.#originalOf(sha256), { force: true });
    this.#keptBytes = await this.#measure();
  }

  async #measure(): Promise<number> {
    let bytes = 0;
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.parentPath.includes(join(this.#folder, INCOMING))) continue;
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
    }
    return bytes;
  }

  #check(bytes: number): void {
    const { maxBytes, quotaBytes } = this.#limits;
    if (bytes > maxBytes) {
      throw new AppError('input.too-large', `The model is larger than ${formatBytes(maxBytes)}.`, {
        hint: 'Export a smaller model, or raise CLOUDOPTIM_MODEL_MAX_MIB.',
      });
    }
    if (this.#keptBytes + this.#arrivingBytes > quotaBytes) {
      throw new AppError(
        'input.too-large',
        `There is no room for the model: the registry may hold ${formatBytes(quotaBytes)} of files.`,
        { hint: 'Delete versions that are not needed any more, or raise CLOUDOPTIM_MODEL_QUOTA_MIB.' },
      );
    }
  }

  #originalOf(sha256: string): string {
    return join(this.#folder, ORIGINALS, sha256);
  }

  /** Over a file that is there already, in one step: whoever reads it meanwhile goes on reading the old one. */
  async #move(file: ReceivedFile, to: string): Promise<void> {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(file.path, to);
    await flush(dirname(to));
    await flush(this.#folder);
    await file.discard();
    this.#keptBytes = await this.#measure();
  }
}

/** A file or folder is on disk only after its own fsync. Windows cannot open a folder for that. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
