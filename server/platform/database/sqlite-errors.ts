import { AppError } from '../../../common/errors.ts';

/**
 * What SQLite threw at a write as an error for people, where it is about the disk and not about a statement; other errors
 * come back as they are.
 * @param folder data folder
 */
export function sqliteError(error: unknown, folder: string): unknown {
  if (error instanceof AppError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'SQLITE_FULL')
    return new AppError('storage.full', `The disk of the data folder ${folder} is full.`, { cause: error });
  if (typeof code === 'string' && /^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(code))
    return new AppError('storage.unwritable', `The database in ${folder} cannot be written (${code}).`, {
      hint: 'Look at the disk and at the rights of the folder; nothing was changed, and writing goes on by itself once it can.',
      cause: error,
    });
  return error;
}
