import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

/** How long samples are kept, and how long one for each minute. */
const KEPT_MS = 400 * MS_PER_DAY;
const KEPT_BY_MINUTE_MS = 2 * MS_PER_DAY;
/** After a long time without it there is much to thin: no write may last long. */
const MOST_HOURS_AT_ONCE = 24;

/** What a cluster cost at a moment; there is no sample for a time when its agent was away. */
interface CostSample {
  readonly clusterId: string;
  readonly atMs: number;
  /** Sum over nodes with a known price; null when none was known. */
  readonly costMicroUsdPerHour: number | null;
  readonly nodesWithUnknownPrice: number;
}

/** What all clusters whose cost was known cost at a moment. */
export interface CostSum {
  readonly atMs: number;
  readonly costMicroUsdPerHour: number;
}

/** Cost of clusters minute by minute, and hour by hour what is older than two days. */
export class CostStore {
  readonly #database: Database;
  /** Hours before this one were thinned; `undefined` until it was looked up. */
  #thinnedToMs: number | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds samples of one moment; a moment that has one already keeps it. */
  async add(samples: readonly CostSample[], nowMs: number): Promise<void> {
    if (samples.length === 0) return;
    await this.#database.write<ClusterTables, void>(async transaction => {
      await transaction
        .deleteFrom('cost_samples')
        .where('at_ms', '<', nowMs - KEPT_MS)
        .execute();
      for (const { clusterId, atMs, costMicroUsdPerHour, nodesWithUnknownPrice } of samples) {
        await transaction
          .insertInto('cost_samples')
          .values({
            at_ms: atMs,
            cluster_id: clusterId,
            cost_micro_usd_per_hour: costMicroUsdPerHour,
            nodes_with_unknown_price: nodesWithUnknownPrice,
          })
          .onConflict(conflict => conflict.columns(['at_ms', 'cluster_id']).doNothing())
          .execute();
      }
    });
  }

  /**
   * Makes one sample of each cluster of every whole hour that is older than two days: the mean of those whose cost was known, at the
   * start of the hour. Goes on where it stopped.
   */
  async thin(nowMs: number): Promise<void> {
    const beforeMs = hourOf(nowMs - KEPT_BY_MINUTE_MS);
    this.#thinnedToMs ??= hourOf((await this.#oldestMs()) ?? beforeMs);
    for (let left = MOST_HOURS_AT_ONCE; left > 0 && this.#thinnedToMs < beforeMs; left--) {
      await this.#thinHour(this.#thinnedToMs);
      this.#thinnedToMs += MS_PER_HOUR;
    }
  }

  /** Sums over all clusters with `fromMs` ≤ at < `toMs`, by time: the database adds up what can be a row for each cluster and minute. */
  async sums(fromMs: number, toMs: number): Promise<CostSum[]> {
    const rows = await this.#database
      .reader<ClusterTables>()
      .selectFrom('cost_samples')
      .select(({ fn }) => ['at_ms', fn.sum<number>('cost_micro_usd_per_hour').as('cost')])
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .where('cost_micro_usd_per_hour', 'is not', null)
      .groupBy('at_ms')
      .orderBy('at_ms')
      .execute();
    return rows.map(({ at_ms, cost }) => ({ atMs: at_ms, costMicroUsdPerHour: Number(cost) }));
  }

  async #oldestMs(): Promise<number | undefined> {
    const row = await this.#database
      .reader<ClusterTables>()
      .selectFrom('cost_samples')
      .select('at_ms')
      .orderBy('at_ms')
      .limit(1)
      .executeTakeFirst();
    return row?.at_ms;
  }

  async #thinHour(fromMs: number): Promise<void> {
    const toMs = fromMs + MS_PER_HOUR;
    const samples = this.#database.reader<ClusterTables>().selectFrom('cost_samples');
    const within = await samples
      .select('at_ms')
      .where('at_ms', '>', fromMs)
      .where('at_ms', '<', toMs)
      .limit(1)
      .execute();
    if (within.length === 0) return;
    await this.#database.write<ClusterTables, void>(async transaction => {
      const hour = await transaction
        .selectFrom('cost_samples')
        .select(({ fn }) => [
          'cluster_id',
          fn.avg<number | null>('cost_micro_usd_per_hour').as('cost'),
          fn.max<number>('nodes_with_unknown_price').as('unknown'),
        ])
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<', toMs)
        .groupBy('cluster_id')
        .execute();
      await transaction
        .deleteFrom('cost_samples')
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<', toMs)
        .execute();
      for (const { cluster_id, cost, unknown } of hour) {
        await transaction
          .insertInto('cost_samples')
          .values({
            at_ms: fromMs,
            cluster_id,
            cost_micro_usd_per_hour: cost === null ? null : Math.round(Number(cost)),
            nodes_with_unknown_price: Number(unknown),
          })
          .execute();
      }
    });
  }
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR;
}
