import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../common/errors.ts';

/** A text file, gzipped or not. @throws AppError `input.invalid` when it cannot be read */
export function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${path} cannot be read.`, {
      cause,
      hint: 'Check the path.',
    });
  }
}
