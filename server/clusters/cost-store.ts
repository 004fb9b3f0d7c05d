import { MS_PER_DAY } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

/** How long samples are kept. */
const KEPT_MS = 400 * MS_PER_DAY;

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

/** Cost of clusters minute by minute. */
export class CostStore {
  readonly #database: Database;

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
}
