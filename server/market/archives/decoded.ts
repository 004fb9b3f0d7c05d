/** Why packed bytes could not be unpacked to their end. */
export interface PackedDamage {
  readonly reason: string;
  /** Whether what was unpacked before is right: of bytes that are missing, yes; of wrong ones nobody knows since where. */
  readonly isPrefixSound: boolean;
}

/** Unpacked bytes as they come. Returns what was wrong with the packed ones where they stopped. */
export type Decoded = AsyncGenerator<Buffer, PackedDamage | undefined>;

/** Packed bytes are worked through in pieces of this size at most. */
const PIECE_BYTES = 64 * 1024;

/** Recorded prices shrink 20 to 60-fold; what one piece may unpack to is a thousandfold. */
export const BOMB_BYTES = 64 * 1024 * 1024;

export const bomb: PackedDamage = {
  reason: 'it unpacks to more than a thousand times its size, which no file of prices does',
  isPrefixSound: true,
};

export const endsTooEarly: PackedDamage = { reason: 'the file ends too early', isPrefixSound: true };

/** The same bytes in pieces that cannot unpack to more than memory holds. */
export async function* pieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source)
    for (let start = 0; start < chunk.length; start += PIECE_BYTES)
      yield chunk.subarray(start, start + PIECE_BYTES);
}
