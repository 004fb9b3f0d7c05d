import pg from 'pg';
import { AppError } from '../../../common/errors.ts';

const { builtins } = pg.types;

/** Whole numbers and sums come as numbers, as SQLite gives them. */
export const postgresValues: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === builtins.INT8) return wholeNumber;
    if (oid === builtins.NUMERIC)
      return (text: string) => (/^-?\d+$/.test(text) ? wholeNumber(text) : Number(text));
    return format === 'binary' ? pg.types.getTypeParser(oid, format) : pg.types.getTypeParser(oid, 'text');
  }) as typeof pg.types.getTypeParser,
};

/** @throws AppError `storage.damaged` for a number that would be rounded */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new AppError(
    'storage.damaged',
    `The database holds the whole number ${text}, which is beyond 2^53.`,
    {
      hint: 'CloudOptim writes no such number; find out who did, and restore the row from a backup.',
    },
  );
}
