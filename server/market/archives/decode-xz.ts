import { BOMB_BYTES, bomb, type Decoded, endsTooEarly, pieces } from './decoded.ts';

/** Codes of XZ Embedded (`enum xz_ret` of its `xz.h`) that a file can be to blame for. */
const ENDS_TOO_EARLY = '8';
const sentences: Readonly<Record<string, string>> = {
  4: 'it needs more memory to unpack than is allowed',
  5: 'it is no xz file',
  6: 'it was packed with a filter or check that is not supported; pack it again with plain xz',
  7: 'the packed data is damaged',
};

/** Unpacks xz, of any number of streams. */
export async function* decodeXz(packed: AsyncIterable<Buffer>): Decoded {
  // Imported at the first xz file: it carries a WebAssembly module.
  const { XzReadableStream } = (await import('xz-decompress')).default;
  let bytesOfPiece = 0;
  const source = pieces(packed);
  // Pulled only when the decoder has used up what it had, so that output can be told by piece.
  const input = new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        const { value, done } = await source.next();
        bytesOfPiece = 0;
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel: async () => void (await source.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  const reader = new XzReadableStream(input).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return undefined;
      bytesOfPiece += value.length;
      if (bytesOfPiece > BOMB_BYTES) return bomb;
      yield Buffer.from(value.buffer, value.byteOffset, value.length);
    }
  } catch (error) {
    const code = /error code (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    if (code === undefined) throw error;
    if (code === ENDS_TOO_EARLY) return endsTooEarly;
    const reason = sentences[code] ?? `the packed data cannot be read (xz code ${code})`;
    return { reason, isPrefixSound: false };
  } finally {
    await reader.cancel().catch(() => undefined);
    await source.return(undefined);
  }
}
