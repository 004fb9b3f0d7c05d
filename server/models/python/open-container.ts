import { gunzipSync, inflateSync } from 'node:zlib';
import { damagedPickle, refusedPickle } from './damaged-pickle.ts';

/** The pickle of a file after unpacking. */
export interface OpenedContainer {
  readonly bytes: Uint8Array;
  readonly container: 'plain' | 'zlib' | 'gzip';
}

const INFLATED_MAX = 2 ** 30;
const RATIO_MAX = 100;
const ALLOWANCE_BYTES = 64 * 2 ** 20;

/** Compressions of joblib that Node cannot undo, by their first bytes. */
const foreign: readonly (readonly [hex: string, name: string])[] = [
  ['425a68', 'bz2'],
  ['fd377a585a00', 'xz'],
  ['5d0000', 'lzma'],
  ['04224d18', 'lz4'],
  ['28b52ffd', 'zstd'],
];

/**
 * Unpacks zlib and gzip up to min(1 GiB, 100 × the file + 64 MiB); everything else is taken as a plain pickle.
 * @throws AppError `model.rejected` for other compressions and for more than that; `model.not-a-model` when damaged
 */
export function openContainer(bytes: Uint8Array): OpenedContainer {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  const compression = foreign.find(([start]) => head.startsWith(start));
  if (compression !== undefined) {
    throw refusedPickle(
      `This joblib file is compressed with ${compression[1]}, which is not supported.`,
      "Save it again with joblib.dump(model, path, compress='zlib').",
    );
  }
  if (head.startsWith('504b0304')) {
    throw refusedPickle(
      'This is a ZIP archive, as PyTorch and Keras save it.',
      'Export the model to ONNX instead.',
    );
  }
  if (head.startsWith('1f8b')) return { bytes: unpack(gunzipSync, bytes), container: 'gzip' };
  if (/^78(01|5e|9c|da)/.test(head)) return { bytes: unpack(inflateSync, bytes), container: 'zlib' };
  return { bytes, container: 'plain' };
}

function unpack(inflate: typeof inflateSync, bytes: Uint8Array): Uint8Array {
  const maxOutputLength = Math.min(INFLATED_MAX, RATIO_MAX * bytes.length + ALLOWANCE_BYTES);
  try {
    return inflate(bytes, { maxOutputLength });
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw refusedPickle(`This compressed file unfolds into more than ${maxOutputLength} bytes.`);
    }
    throw damagedPickle('it cannot be unpacked');
  }
}
