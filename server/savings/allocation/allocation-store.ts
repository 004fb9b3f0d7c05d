import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import type { Database } from '../../platform/index.ts';
import type { AllocationTables } from './allocation-tables.ts';
import type { CostShares } from './cost-shares.ts';
import type { MeasuredHour } from './measured-hour.ts';
import { readMeasured, readShares, writeMeasured, writeShares } from './written-hour.ts';

/** How long hours, with all they are computed from, and days are kept. */
export const HOURS_KEPT_MS = 35 * MS_PER_DAY;
const DAYS_KEPT_MS = 400 * MS_PER_DAY;

/** Shares of a cluster over an hour or a day that began at `atMs`. */
export interface KeptShares {
  readonly clusterId: string;
  readonly atMs: number;
  readonly lengthMs: number;
  readonly shares: CostShares;
}

/** What one read takes into memory. */
const ROWS_AT_ONCE = 48;

/** Every query on allocation. */
export class AllocationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Saves hours with their shares, in place of what was saved of them before. */
  async saveHours(hours: readonly { hour: MeasuredHour; shares: CostShares }[]): Promise<void> {
    if (hours.length === 0) return;
    const rows = await Promise.all(
      hours.map(async ({ hour, shares }) => ({
        cluster_id: hour.clusterId,
        hour_ms: hour.hourMs,
        measured: await writeMeasured(hour),
        shares: await writeShares(shares),
      })),
    );
    await this.#database.write<AllocationTables, void>(async transaction => {
      for (const row of rows) {
        await transaction
          .insertInto('allocation_hours')
          .values(row)
          .onConflict(conflict =>
            conflict
              .columns(['hour_ms', 'cluster_id'])
              .doUpdateSet({ measured: row.measured, shares: row.shares }),
          )
          .execute();
      }
    });
  }

  async saveDay(clusterId: string, dayMs: number, shares: CostShares): Promise<void> {
    const body = await writeShares(shares);
    await this.#database.write<AllocationTables, void>(async transaction => {
      await transaction
        .insertInto('allocation_days')
        .values({ cluster_id: clusterId, day_ms: dayMs, shares: body })
        .onConflict(conflict => conflict.columns(['day_ms', 'cluster_id']).doUpdateSet({ shares: body }))
        .execute();
    });
  }

  /** What was measured in an hour; `undefined` when nothing was, or it is no longer kept. */
  async measured(clusterId: string, hourMs: number): Promise<MeasuredHour | undefined> {
    const row = await this.#database
      .reader<AllocationTables>()
      .selectFrom('allocation_hours')
      .select('measured')
      .where('cluster_id', '=', clusterId)
      .where('hour_ms', '=', hourMs)
      .executeTakeFirst();
    return row && readMeasured(clusterId, hourMs, row.measured);
  }

  /** Hours of which something was measured with `fromMs` ≤ begin < `toMs`, by time, then cluster. */
  async hourKeys(fromMs: number, toMs: number): Promise<{ clusterId: string; hourMs: number }[]> {
    const rows = await this.#database
      .reader<AllocationTables>()
      .selectFrom('allocation_hours')
      .select(['cluster_id', 'hour_ms'])
      .where('hour_ms', '>=', fromMs)
      .where('hour_ms', '<', toMs)
      .orderBy('hour_ms')
      .orderBy('cluster_id')
      .execute();
    return rows.map(row => ({ clusterId: row.cluster_id, hourMs: row.hour_ms }));
  }

  /** Shares of hours that begin in `[fromMs, toMs)`, by time, then cluster; read in parts. */
  async *hours(fromMs: number, toMs: number, clusterId?: string): AsyncGenerator<KeptShares> {
    let after = { at: fromMs, cluster: '' };
    for (;;) {
      let query = this.#database
        .reader<AllocationTables>()
        .selectFrom('allocation_hours')
        .select(['cluster_id', 'hour_ms', 'shares'])
        .where('hour_ms', '<', toMs)
        .where(row =>
          row.or([
            row('hour_ms', '>', after.at),
            row.and([row('hour_ms', '=', after.at), row('cluster_id', '>', after.cluster)]),
          ]),
        );
      if (clusterId !== undefined) query = query.where('cluster_id', '=', clusterId);
      const rows = await query.orderBy('hour_ms').orderBy('cluster_id').limit(ROWS_AT_ONCE).execute();
      for (const row of rows) {
        yield {
          clusterId: row.cluster_id,
          atMs: row.hour_ms,
          lengthMs: MS_PER_HOUR,
          shares: await readShares(row.shares),
        };
      }
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      after = { at: last.hour_ms, cluster: last.cluster_id };
    }
  }

  /** Shares of days that begin in `[fromMs, toMs)`, by time, then cluster; read in parts. */
  async *days(fromMs: number, toMs: number, clusterId?: string): AsyncGenerator<KeptShares> {
    let after = { at: fromMs, cluster: '' };
    for (;;) {
      let query = this.#database
        .reader<AllocationTables>()
        .selectFrom('allocation_days')
        .selectAll()
        .where('day_ms', '<', toMs)
        .where(row =>
          row.or([
            row('day_ms', '>', after.at),
            row.and([row('day_ms', '=', after.at), row('cluster_id', '>', after.cluster)]),
          ]),
        );
      if (clusterId !== undefined) query = query.where('cluster_id', '=', clusterId);
      const rows = await query.orderBy('day_ms').orderBy('cluster_id').limit(ROWS_AT_ONCE).execute();
      for (const row of rows) {
        yield {
          clusterId: row.cluster_id,
          atMs: row.day_ms,
          lengthMs: MS_PER_DAY,
          shares: await readShares(row.shares),
        };
      }
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      after = { at: last.day_ms, cluster: last.cluster_id };
    }
  }

  /** The first kept hour or, where that has gone, day of each cluster. */
  async firsts(): Promise<KeptShares[]> {
    const reader = this.#database.reader<AllocationTables>();
    const hours = await reader
      .selectFrom('allocation_hours')
      .select(({ fn }) => ['cluster_id', fn.min('hour_ms').as('at')])
      .groupBy('cluster_id')
      .execute();
    const days = await reader
      .selectFrom('allocation_days')
      .select(({ fn }) => ['cluster_id', fn.min('day_ms').as('at')])
      .groupBy('cluster_id')
      .execute();
    const firsts = new Map<string, KeptShares>();
    for (const { cluster_id: id, at } of days) {
      for await (const day of this.days(at, at + 1, id)) firsts.set(id, day);
    }
    for (const { cluster_id: id, at } of hours) {
      // The first day tells less than its first hour while that is kept.
      if (at - (firsts.get(id)?.atMs ?? at) >= MS_PER_DAY) continue;
      for await (const hour of this.hours(at, at + 1, id)) firsts.set(id, hour);
    }
    return [...firsts.values()];
  }

  /** Drops what is older than is kept. Only whole days go, so that a day can always be summed up from all its hours. */
  async dropOld(todayMs: number): Promise<void> {
    await this.#database.write<AllocationTables, void>(async transaction => {
      await transaction
        .deleteFrom('allocation_hours')
        .where('hour_ms', '<', todayMs - HOURS_KEPT_MS)
        .execute();
      await transaction
        .deleteFrom('allocation_days')
        .where('day_ms', '<', todayMs - DAYS_KEPT_MS)
        .execute();
    });
  }
}
