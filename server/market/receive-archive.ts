import type { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import { importFields } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { ImportOrder } from './create-imports.ts';

/**
 * Reads the form of an upload: the file streams, the other fields may come before or after it.
 * @param receive takes the file; it asks for the order once the file has been read to its end
 * @throws AppError `input.invalid` when the form has no file, or a field is not what `importFields` says
 */
export async function receiveArchive<Result>(
  parts: AsyncIterableIterator<Multipart>,
  receive: (file: Readable, fileName: string, order: () => Promise<ImportOrder>) => Promise<Result>,
): Promise<Result> {
  const fields: Record<string, string> = {};
  const readField = (part: Multipart) => {
    // An empty field of a form is one that was not filled in.
    if (part.type === 'field' && String(part.value) !== '') fields[part.fieldname] = String(part.value);
  };
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.type !== 'file') {
      readField(part);
      continue;
    }
    return receive(part.file, part.filename === '' ? 'unnamed' : part.filename, async () => {
      for (let rest = await parts.next(); !rest.done; rest = await parts.next()) readField(rest.value);
      return orderOf(fields);
    });
  }
  throw new AppError('input.invalid', 'The upload has no file; send the prices in the form field "file".');
}

function orderOf(fields: Readonly<Record<string, string>>): ImportOrder {
  const { data, error } = importFields.safeParse(fields);
  if (data) return data;
  const { path, message } = error.issues[0] ?? { path: [], message: 'not valid' };
  const name = String(path[0]);
  throw new AppError(
    'input.invalid',
    `The form field "${name}" is ${JSON.stringify(fields[name])}: ${message}.`,
  );
}
