import { AppError } from '../../../common/errors.ts';

/** Codes of Node and of PostgreSQL (https://www.postgresql.org/docs/15/errcodes-appendix.html) that tell of no server. */
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['EPIPE', 'ENOENT'],
  ...['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006'],
]);
/** The driver gives these no code. */
const AWAY_MESSAGE =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error|^Connection ended/;
/** Another session got in the way; the same transaction can succeed when it is run again. */
const TRANSIENT = new Set(['40001', '40P01']);

/** Whether a transaction failed for another one's sake only. */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(codeOf(error));
}

/** Whether a lock could not be had in time. */
export function isLocked(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** Whether an error tells that the server cannot be reached at present. */
export function isAway(error: unknown): boolean {
  return AWAY.has(codeOf(error)) || AWAY_MESSAGE.test(error instanceof Error ? error.message : '');
}

/**
 * What the driver threw as an error for people, where it is about the server and not about a statement; other errors come
 * back as they are.
 * @param place as `DatabaseUrl.place`
 */
export function postgresError(error: unknown, place: string): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const say = (of: ConstructorParameters<typeof AppError>[0], sentence: string, hint?: string) =>
    new AppError(of, sentence, { ...(hint === undefined ? {} : { hint }), cause: error });
  if (isAway(error))
    return say('storage.away', `The database ${place} cannot be reached: ${reasonOf(error)}.`);
  switch (code) {
    case '28P01':
    case '28000':
    case '3D000':
      return say(
        'config.invalid',
        `The database ${place} does not let CloudOptim in: ${reason}.`,
        'Correct the user, the password or the name of the database in --database-url or CLOUDOPTIM_DATABASE_URL.',
      );
    case '25006':
      return say(
        'storage.unwritable',
        `The database ${place} is read-only.`,
        'Give the address of the primary server, not of a standby.',
      );
    case '42501':
      return say(
        'storage.unwritable',
        `The database ${place} refuses a right that CloudOptim needs: ${reason}.`,
        'Let the user own the database; docs/guides/databases.md lists what is needed.',
      );
    case '53100':
    case '53200':
      return say(
        'storage.full',
        `The database ${place} has no room left: ${reason}.`,
        'Give the PostgreSQL server more disk or memory; nothing was changed, and writing goes on by itself then.',
      );
    case '57014':
      return say(
        'storage.away',
        `The database ${place} did not answer in time: ${reason}.`,
        'See what the PostgreSQL server is busy with in pg_stat_activity, then try again.',
      );
    case '55P03':
      return say(
        'storage.away',
        `The database ${place} is locked by another session: ${reason}.`,
        'End the session that holds the lock (pg_locks, pg_stat_activity), then try again.',
      );
    case '22021':
      return say('input.invalid', 'A text holds the character U+0000, which PostgreSQL cannot keep.');
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  const from = error instanceof AppError ? error.cause : error;
  const { code } = (from ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Node tells of all addresses it tried in an error without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
