import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../common/errors.ts';
import { newId } from '../platform/index.ts';

const MOST_BYTES = 512 * 1024 * 1024;
const HEAD_BYTES = 512;
const FILE_NAME = 'model.onnx';

/** A file that has arrived, is on disk, and belongs to nobody yet. */
export interface ReceivedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly head: Buffer;
  /** Moves it to its place in the store. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Model files by their SHA-256. Each has a folder of its own, because ONNX Runtime may read beside a model. */
export class ModelFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder and throws away what an interrupted upload left. */
  async prepare(): Promise<void> {
    await rm(join(this.#folder, 'incoming'), { recursive: true, force: true });
    await mkdir(join(this.#folder, 'incoming'), { recursive: true, mode: 0o700 });
  }

  /** Writes a stream to disk. @throws AppError `input.too-large` beyond 512 MiB; nothing is left then. */
  async receive(stream: Readable | string): Promise<ReceivedFile> {
    const folder = join(this.#folder, 'incoming', newId('file'));
    await mkdir(folder, { recursive: true });
    const path = join(folder, FILE_NAME);
    const discard = () => rm(folder, { recursive: true, force: true });
    try {
      const source = typeof stream === 'string' ? createReadStream(stream) : stream;
      const meter = meterOf();
      await pipeline(source, meter.transform, createWriteStream(path, { mode: 0o400 }));
      await flush(path);
      const sha256 = meter.hash.digest('hex');
      const keep = async () => {
        await rm(dirname(this.pathOf(sha256)), { recursive: true, force: true });
        await rename(folder, dirname(this.pathOf(sha256)));
        await flush(this.#folder);
      };
      return { path, sha256, bytes: meter.bytes(), head: Buffer.concat(meter.head), keep, discard };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  pathOf(sha256: string): string {
    return join(this.#folder, sha256, FILE_NAME);
  }

  /** The path of a kept file whose content is still what its name says. @throws AppError `storage.damaged`. */
  async verified(sha256: string): Promise<string> {
    const path = this.pathOf(sha256);
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    } catch (cause) {
      throw new AppError('storage.damaged', `The model file ${path} cannot be read.`, { cause });
    }
    if (hash.digest('hex') !== sha256) {
      throw new AppError('storage.damaged', `The model file ${path} is not what was uploaded.`, {
        hint: 'Upload the model again.',
      });
    }
    return path;
  }
}

function meterOf(): { transform: Transform; hash: Hash; head: Buffer[]; bytes: () => number } {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let bytes = 0;
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (bytes < HEAD_BYTES) head.push(Buffer.from(chunk.subarray(0, HEAD_BYTES - bytes)));
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= MOST_BYTES) done(null, chunk);
      else done(new AppError('input.too-large', `The model is larger than ${MOST_BYTES / 1024 ** 2} MiB.`));
    },
  });
  return { transform, hash, head, bytes: () => bytes };
}

/** A file or folder is on disk only after its own fsync. Windows cannot open a folder for that. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
