import type { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import { AppError } from '../../../common/errors.ts';

/**
 * Reads the form of an upload: the file streams, the manifest may come before or after it.
 * @param register takes the file; it asks for the manifest once the file has been read to its end
 * @throws AppError `input.invalid` when the form has no file
 */
export async function receiveUpload<Result>(
  parts: AsyncIterableIterator<Multipart>,
  register: (
    file: Readable,
    fileName: string,
    manifest: () => Promise<string | undefined>,
  ) => Promise<Result>,
): Promise<Result> {
  let manifest: string | undefined;
  const readField = (part: Multipart) => {
    if (part.type === 'field' && part.fieldname === 'manifest') manifest = String(part.value);
  };
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.type !== 'file') {
      readField(part);
      continue;
    }
    return register(part.file, part.filename === '' ? 'unnamed' : part.filename, async () => {
      for (let rest = await parts.next(); !rest.done; rest = await parts.next()) readField(rest.value);
      return manifest;
    });
  }
  throw new AppError('input.invalid', 'The upload has no file; send it in the form field "file".');
}
