import { gunzipSync, gzipSync } from 'node:zlib';
import type { Database } from '../platform/index.ts';
import type { ForecastTables } from './forecast-tables.ts';

/** Backtests that wait refer to theirs; more are seldom looked at again. */
const MOST_KEPT = 20;

/** Recordings of availability, the ones that were sent last. */
export class RecordingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a recording under its hash, and forgets the oldest beyond twenty. */
  async keep(sha256: string, text: string, keptAt: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('availability_recordings')
        .values({ sha256, kept_at: keptAt, body: gzipSync(text) })
        .onConflict(conflict => conflict.column('sha256').doUpdateSet({ kept_at: keptAt }))
        .execute();
      const old = await transaction
        .selectFrom('availability_recordings')
        .select('sha256')
        .orderBy('kept_at', 'desc')
        .orderBy('sha256')
        .offset(MOST_KEPT)
        .limit(MOST_KEPT)
        .execute();
      const hashes = old.map(row => row.sha256);
      if (hashes.length > 0)
        await transaction.deleteFrom('availability_recordings').where('sha256', 'in', hashes).execute();
    });
  }

  async text(sha256: string): Promise<string | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('availability_recordings')
      .select('body')
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row && gunzipSync(row.body).toString('utf8');
  }
}
