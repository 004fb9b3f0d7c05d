import type { ArchiveCompression } from '../../../common/contracts/index.ts';
import { decodeXz } from './decode-xz.ts';
import { decodeZlib } from './decode-zlib.ts';
import type { Decoded } from './decoded.ts';

/** Unpacks as it comes, in memory that does not depend on the size of the file. */
export function unpack(packed: AsyncIterable<Buffer>, compression: ArchiveCompression): Decoded {
  if (compression === 'none') return asItIs(packed);
  return compression === 'xz' ? decodeXz(packed) : decodeZlib(packed, compression);
}

async function* asItIs(bytes: AsyncIterable<Buffer>): Decoded {
  yield* bytes;
  return undefined;
}
