import type { Readable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { FrameReader } from './frame-reader.ts';

/**
 * Messages between a parent and its capped child: u32 length, little-endian, then the value as `node:v8` serializes it.
 * Node's own channel of messages is not used: what it cannot read it throws where nobody can catch it, so that a child
 * could end its parent, and it takes messages of any length.
 */
const LENGTH_BYTES = 4;
const MOST_BYTES = 64 * 1024 * 1024;

/** A message as bytes. */
export function messageFrame(message: unknown): Uint8Array {
  const body = serialize(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Hears of each message that comes, and at most once that what came is none; nothing is read after that. */
export function readMessages(
  pipe: Readable,
  onMessage: (message: unknown) => void,
  onBroken: (reason: string) => void,
): void {
  const reader = new FrameReader();
  const length = Buffer.alloc(LENGTH_BYTES);
  const next = (): void =>
    reader.expect(length, () => {
      const bytes = length.readUInt32LE();
      if (bytes > MOST_BYTES) return onBroken(`it announced a message of ${bytes} bytes`);
      const body = Buffer.alloc(bytes);
      reader.expect(body, () => {
        let message: unknown;
        try {
          message = deserialize(body);
        } catch {
          return onBroken('it sent a message that cannot be read');
        }
        next();
        onMessage(message);
      });
    });
  next();
  pipe.on('data', (chunk: Buffer) => void reader.take(chunk));
}
