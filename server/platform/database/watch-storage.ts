import { sql } from 'kysely';
import { AppError, type ErrorCode } from '../../../common/errors.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { inSpan } from '../tracing/tracing.ts';
import type { Database } from './database.ts';

/** Codes that tell of the place and not of what was written. */
const PLACE_CODES: readonly ErrorCode[] = ['storage.full', 'storage.unwritable', 'storage.away'];
const RETRY_MS = 5_000;

/** Why nothing can be written, and since when. */
export interface StorageProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly sinceMs: number;
}

/** A database that knows whether it could be written last. */
export interface WatchedDatabase extends Database {
  /** `null` while writing works. */
  problem(): StorageProblem | null;
}

/**
 * Watches the writes of a database. While its disk is full or it is away, reading goes on, each write fails with its
 * reason, and a small write is tried every five seconds until one works. `onWrite` hears how long each write took.
 */
export function watchStorage(
  database: Database,
  parts: { clock: Clock; log: Logger; onWrite?: (seconds: number, outcome: 'committed' | 'failed') => void },
): WatchedDatabase {
  const { clock, log, onWrite = () => {} } = parts;
  let problem: StorageProblem | null = null;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const span = {
    name: 'database.write',
    kind: 'client',
    attributes: { 'db.system.name': database.kind === 'sqlite' ? 'sqlite' : 'postgresql' },
  } as const;
  const worked = () => {
    if (!problem) return;
    log.warn({ since: problem.sinceMs }, 'the database can be written again');
    problem = null;
    clearTimeout(retry);
  };
  const failed = (error: unknown) => {
    if (!(error instanceof AppError) || !PLACE_CODES.includes(error.code)) return;
    const { code, message, hint } = error;
    if (!problem) log.error({ code, reason: message }, 'the database cannot be written; reading goes on');
    problem = { code, message, hint, sinceMs: problem?.sinceMs ?? clock.now() };
    clearTimeout(retry);
    if (!isClosed) retry = setTimeout(() => void tryAgain(), RETRY_MS).unref();
  };
  const write: Database['write'] = async work => {
    const startedMs = performance.now();
    const ended = (outcome: 'committed' | 'failed') =>
      onWrite((performance.now() - startedMs) / 1_000, outcome);
    try {
      const result = await inSpan(span, () => database.write(work));
      ended('committed');
      worked();
      return result;
    } catch (error) {
      ended('failed');
      failed(error);
      throw error;
    }
  };
  const tryAgain = () =>
    write(async transaction => {
      // A page that needs room; on PostgreSQL, each transaction of an engine writes already.
      if (database.kind === 'sqlite') await sql`pragma user_version = 0`.execute(transaction);
    }).catch(() => undefined);

  return {
    ...database,
    write,
    problem: () => problem,
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      await database.close();
    },
  };
}
