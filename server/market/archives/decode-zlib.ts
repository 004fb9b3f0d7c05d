import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { BOMB_BYTES, bomb, type Decoded, endsTooEarly, type PackedDamage, pieces } from './decoded.ts';

const OUTPUT_BYTES = 128 * 1024;

/**
 * Unpacks gzip or zstd, of any number of members or frames, one after the other. What was unpacked before a damage is
 * given in any case: a stream that fails throws away what it holds, so that nothing is left to wait in it here.
 */
export async function* decodeZlib(packed: AsyncIterable<Buffer>, kind: 'gzip' | 'zstd'): Decoded {
  let member: Member | undefined;
  for await (const piece of pieces(packed)) {
    let rest = piece;
    while (rest.length > 0) {
      member ??= new Member(kind);
      const taken = await member.write(rest);
      yield* member.take();
      if (member.failure !== undefined) return member.failure;
      rest = rest.subarray(taken);
      // Node's gunzip walks from member to member itself; its zstd stops behind the first frame.
      if (member.hasEnded) member = undefined;
      else if (taken === 0) break;
    }
  }
  if (member === undefined) return undefined;
  await member.end();
  yield* member.take();
  return member.failure;
}

/** One decompressor; output lands in memory at once, at most `BOMB_BYTES` for a piece of input. */
class Member {
  failure: PackedDamage | undefined;
  hasEnded = false;
  readonly #stream: Gunzip | ZstdDecompress;
  #output: Buffer[] = [];
  #bytes = 0;
  #settle: (() => void) | undefined;

  constructor(kind: 'gzip' | 'zstd') {
    const options = { chunkSize: OUTPUT_BYTES };
    this.#stream = kind === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.#stream.on('data', (chunk: Buffer) => {
      this.#output.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes > BOMB_BYTES) {
        this.#output = [];
        this.#fail(bomb);
      }
    });
    this.#stream.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail(
        error.code === 'Z_BUF_ERROR'
          ? endsTooEarly
          : { reason: lowerFirst(error.message), isPrefixSound: false },
      ),
    );
    this.#stream.on('end', () => {
      this.hasEnded = true;
      this.#settle?.();
    });
  }

  /** Resolves with how many bytes were taken, once all that they unpack to is there. */
  async write(piece: Buffer): Promise<number> {
    const before = this.#stream.bytesWritten;
    this.#bytes = 0;
    await new Promise<void>(resolve => {
      this.#settle = resolve;
      this.#stream.write(piece, () => setImmediate(resolve));
    });
    return this.#stream.bytesWritten - before;
  }

  async end(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#settle = resolve;
      this.#stream.end();
    });
  }

  take(): Buffer[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  #fail(damage: PackedDamage): void {
    this.failure ??= damage;
    this.#stream.destroy();
    this.#settle?.();
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
