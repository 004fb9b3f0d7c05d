import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Recognising a file takes no more of it. */
const HEAD_BYTES = 512;

/** What was written, and what it begins with. */
export interface ReceivedBytes {
  readonly sha256: string;
  readonly bytes: number;
  readonly head: Buffer;
}

/**
 * Writes a stream to a new file that only the owner may read, hashing it on the way; memory stays flat.
 * @param admit hears how many bytes have come so far and throws when they are too many
 */
export async function receiveBytes(
  source: Readable,
  path: string,
  admit: (bytes: number) => void,
): Promise<ReceivedBytes> {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (bytes < HEAD_BYTES) head.push(Buffer.from(chunk.subarray(0, HEAD_BYTES - bytes)));
      bytes += chunk.length;
      hash.update(chunk);
      try {
        admit(bytes);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  await pipeline(source, meter, createWriteStream(path, { mode: 0o400 }));
  return { sha256: hash.digest('hex'), bytes, head: Buffer.concat(head) };
}
